"""What schemathesis needs to know of a deployment that its document cannot say."""

from __future__ import annotations

import os
from typing import Any

import schemathesis

ALERT_GROUPS = "CONTRACT_ONCALL_ALERT_GROUPS"
CREATES = {"create_postmortem", "create_postmortem_message", "create_resolution_note"}
DEFAULT_GROUPS = "I68T24C13IFW1,IQUIET1PAGE11,IEARLY1PAGE11"


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]
) -> None:
    """A valid create names an alert group that exists; which ones do, no schema can tell. They are not deleted either.

    Bodies that are meant to be refused stay as they were drawn.
    """
    operation = case.operation.definition.raw.get("operationId")
    if not _meant_well(case) or not isinstance(case.body, dict):
        return
    groups = os.environ.get(ALERT_GROUPS, DEFAULT_GROUPS).split(",")
    if operation in CREATES and "alert_group_id" in case.body:
        case.body["alert_group_id"] = groups[len(str(case.body)) % len(groups)]
    if operation == "delete_alert_group" and case.path_parameters.get("id") in groups:
        case.body["mode"] = "wipe"


def _meant_well(case: schemathesis.Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive
