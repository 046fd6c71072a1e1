"""What schemathesis needs to know of a deployment that its document cannot say."""

from __future__ import annotations

import os
from typing import Any

import schemathesis

from contract_tests.schema import incident_values

ALERT_GROUPS = "CONTRACT_ONCALL_ALERT_GROUPS"
DEFAULT_GROUPS = "I68T24C13IFW1,IQUIET1PAGE11,IEARLY1PAGE11"


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]
) -> None:
    """A valid create names an alert group that exists; which ones do, no schema can tell.

    Bodies that are meant to be refused stay as they were drawn.
    """
    if not _meant_well(case):
        return
    incident_values.make_true(case)
    if case.operation.definition.raw.get("operationId") != "create_postmortem":
        return
    if isinstance(case.body, dict) and "alert_group_id" in case.body:
        groups = os.environ.get(ALERT_GROUPS, DEFAULT_GROUPS).split(",")
        case.body["alert_group_id"] = groups[len(str(case.body)) % len(groups)]


def _meant_well(case: schemathesis.Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive
