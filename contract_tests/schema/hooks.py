"""What schemathesis needs to know of a deployment that its document cannot say."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import schemathesis

ALERT_GROUPS = "CONTRACT_ONCALL_ALERT_GROUPS"
DEFAULT_GROUPS = "I68T24C13IFW1,IQUIET1PAGE11,IEARLY1PAGE11"

# What the members of a body may name, by operation. Which ones there are, no schema can tell.
Names = Mapping[str, Sequence[str]]
GROUPS = os.environ.get(ALERT_GROUPS, DEFAULT_GROUPS).split(",")
KNOWN: Mapping[str, Names] = {
    "create_postmortem": {"alert_group_id": GROUPS},
    "create_postmortem_message": {"alert_group_id": GROUPS},
    "create_resolution_note": {"alert_group_id": GROUPS},
    "PostmortemDocuments V1_Attach": {"incident_id": ["01GBA8J19SMXQWPJMX3P2ESCW1"]},
}


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]
) -> None:
    """A valid body names what exists, and deletes nothing that others name.

    Bodies that are meant to be refused stay as they were drawn.
    """
    operation = case.operation.definition.raw.get("operationId")
    known = KNOWN.get(operation, {})
    if isinstance(case.body, dict) and _meant_well(case):
        for member, names in known.items():
            if case.body.get(member) is not None:
                case.body[member] = names[len(str(case.body)) % len(names)]
        if operation == "delete_alert_group" and case.path_parameters.get("id") in GROUPS:
            case.body["mode"] = "wipe"


def _meant_well(case: schemathesis.Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive
