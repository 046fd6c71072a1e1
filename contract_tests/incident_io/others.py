"""What everybody has on a deployment of incident.io that laws share with others; nothing on a mock of our own."""

from __future__ import annotations

from typing import Any

from contract_tests.incident_io.client import Workflow

EVERY_MODE = tuple(("mode[one_of]", mode) for mode in ("standard", "retrospective", "test", "tutorial"))
EVERY_CATEGORY = ("status_category[not_in]", "nothing")


def _workflow(arguments: dict[str, Any]) -> Workflow | None:
    workflow = next(value for value in arguments.values() if isinstance(value, Workflow))
    return workflow if workflow.key.shared else None


def incidents(arguments: dict[str, Any]) -> object | None:
    workflow = _workflow(arguments)
    return workflow and workflow.listed(EVERY_CATEGORY, *EVERY_MODE)


def every_user(arguments: dict[str, Any]) -> object | None:
    workflow = _workflow(arguments)
    return workflow and workflow.all("/v2/users", "users", ("include_inactive", "true"))
