"""What schemathesis needs to know of a deployment that its document cannot say."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import schemathesis

from contract_tests.model.probes import CREDENTIALS
from contract_tests.schema import incident_values, shadow_check
from contract_tests.schema.shared import TAG
from contract_tests.transport import ROOM, TAGGED

__all__ = ["before_call", "shadow_check"]

ALERT_GROUPS = "CONTRACT_ONCALL_ALERT_GROUPS"
DEFAULT_GROUPS = "I68T24C13IFW1,IQUIET1PAGE11,IEARLY1PAGE11"

A_RANGE = "2022-09-27~2026-01-01"

NUMBERED = re.compile(r"\]\[[0-9]+\]$")
PLAIN_NAME = re.compile(r"[^\[\]]*(\[[^\[\]]*\])*")

# What the members of a body may name, by operation. Which ones there are, no schema can tell.
Names = Mapping[str, Sequence[str]]
GROUPS: Names = {"alert_group_id": os.environ.get(ALERT_GROUPS, DEFAULT_GROUPS).split(",")}
FOLLOW_UP: Names = {
    "assignee_id": ["01FCNDV6P870EA6S7TK1DSYDG0"],
    "assignee_team_id": ["01FCNDV6P870EA6S7TK1DSYDT0", "01FCNDV6P870EA6S7TK1DSYDT1"],
    "follow_up_priority_option_id": ["01GNW4BAQ7XRMFF6FHKNXDFPR0", "01GNW4BAQ7XRMFF6FHKNXDFPR3"],
    "follow_up_category_id": ["01GNW4BAQ7XRMFF6FHKNXDFPC0"],
}
KNOWN: Mapping[str, Names] = {
    "create_postmortem": GROUPS,
    "create_postmortem_message": GROUPS,
    "create_resolution_note": GROUPS,
    "PostmortemDocuments V1_Attach": {"incident_id": ["01GBA8J19SMXQWPJMX3P2ESCW1"]},
    "Follow-ups V3_Create": {
        "incident_id": ["01GBA8J19SMXQWPJMX3P2ESCW0"],
        "external_issue_reference_id": ["01GBA8J19SMXQWPJMX3P2ESCE0"],
        **FOLLOW_UP,
    },
    "Follow-ups V3_Update": {"status": ["outstanding", "completed", "not_doing"], **FOLLOW_UP},
}


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]
) -> None:
    """A valid body names what exists, a valid range days that exist. What is to be refused stays as it was drawn."""
    operation = case.operation.definition.raw.get("operationId")
    if operation == "delete_alert_group" and case.path_parameters.get("id") in GROUPS["alert_group_id"]:
        # Bodies go on naming these.
        case.path_parameters["id"] = "INOTHERE11111"
    if tag := os.environ.get(TAG):
        _mark(case.body, tag)
    if not _meant_well(case):
        return
    incident_values.make_true(case)
    for name in case.query or {}:
        if name.endswith("[date_range]"):
            case.query[name] = [A_RANGE]
    known = KNOWN.get(operation, {})
    if isinstance(case.body, dict):
        for member, names in known.items():
            if case.body.get(member) is not None:
                case.body[member] = names[len(str(case.body)) % len(names)]


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    """No document says how a list inside an object inside an object is written in a query, nor a name that holds
    brackets. And a credential, which Hypothesis finds in our sources, is no text.
    """
    if any(NUMBERED.search(name) or not PLAIN_NAME.fullmatch(name) for name in case.query or {}):
        return False
    said = repr((case.path_parameters, case.query, case.body))
    return not any(credential in said for credential in CREDENTIALS)


def _mark(body: Any, tag: str) -> None:
    """What may be created has the run's tag in the texts that people read, so that it can be found again."""
    for name in TAGGED if isinstance(body, dict) else ():
        text = body.get(name)
        if isinstance(text, str) and text.strip() and len(text) <= ROOM:
            body[name] = f"{text} {tag}"


def _meant_well(case: schemathesis.Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive
