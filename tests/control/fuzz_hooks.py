"""What a well-meant request to the control API has to name, and no schema can tell. Loaded by schemathesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import httpx
import schemathesis

Body = dict[str, Any]

OPERATION = "list_postmortems"
JSON_PATH = "$.text"
SANDBOX = "X-Mock-Sandbox"
# What asks for entries finds some, made just before.
OF_ENTRIES = {"get_entry": "entry", "explain_request": "request"}
OF_JOURNALS = frozenset(
    [
        *OF_ENTRIES,
        "find_entries",
        "count_entries",
        "find_unmatched_entries",
        "find_breaches",
        "export_journal",
    ]
)
ONCALL = {"Authorization": "meowmeowmeow"}
TRAFFIC: Sequence[tuple[str, str, Body | None]] = (
    ("POST", "/api/v1/postmortems/", {"alert_group_id": "I68T24C13IFW1", "text": "\U0001f525", "unknown": 1}),
    ("GET", "/api/v1/postmortems/?perpage=1&undocumented=1", None),
    ("PATCH", "/api/v1/postmortem/", None),
)


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]
) -> None:
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    operation = case.operation.definition.raw.get("operationId", "")
    if operation in OF_JOURNALS:
        entry = _traffic(case)
        if operation in OF_ENTRIES:
            case.path_parameters[OF_ENTRIES[operation]] = entry
    if operation in REPAIRS and isinstance(case.body, dict):
        REPAIRS[operation](case.body)


def _traffic(case: schemathesis.Case[Any]) -> str:
    """Asks the vendors a few things in the sandbox of this case, and returns the id of the last entry."""
    base_url = (case.operation.base_url or "").removesuffix("/_mock")
    chosen = {name: value for name, value in (case.headers or {}).items() if name.lower() == SANDBOX.lower()}
    headers = {**ONCALL, **chosen, "X-Mock-Explain": "1"}
    pointer = ""
    with httpx.Client(base_url=base_url, headers=headers, verify=False, trust_env=False) as client:
        for method, path, body in TRAFFIC:
            pointer = client.request(method, path, json=body).headers["X-Mock-Explain"]
    return pointer.rpartition("/")[2]


def _target(body: Body) -> None:
    body["url"] = "http://127.0.0.1:9/"
    if "secret" in body:
        body["secret"] = "whsec_" + "c2VjcmV0"


def _faults(body: Body) -> None:
    for at, rule in enumerate(body["rules"]):
        _fault(rule)
        if "id" in rule:
            rule["id"] = f"rule-{at}"


def _fault(rule: Body) -> None:
    """One act of those that exclude each other, on something that there is. It hits no request of the fuzzing."""
    act, match = rule["act"], rule.get("match", {})
    kept = next(
        (key for key in ("webhook", "stale", "reset", "hang", "truncate", "status") if act.get(key)), None
    )
    spoils = ("malformed", "content_type", "drip", "delay")
    beside = {"webhook": (), "reset": (), "hang": (), "truncate": spoils, "status": (*spoils, "retry_after")}
    allowed = {kept, *beside.get(kept or "", spoils)}
    for key in [key for key in act if key not in allowed]:
        del act[key]
    if not any(act.values()):
        act["status"] = 503
    delay = act.get("delay")
    if isinstance(delay, dict):
        act["delay"] = {name: [1, 2] for name in delay}
    if match:
        match.pop("provider", None)
        if "webhook" in act:
            for key in ("operation", "method", "path", "header", "body"):
                match.pop(key, None)
        else:
            match.pop("event", None)
        for key, known in (("operation", OPERATION), ("path", "/api/v1/*")):
            if key in match:
                match[key] = known
        if "header" in match:
            match["header"] = {"X-Kind": "x", "X-None": None}
        if "body" in match:
            match["body"] = {JSON_PATH: next(iter(match["body"].values()), None)}


def _clock(body: Body) -> None:
    if "now" in body:
        body["now"] = "2026-01-01T09:30:00Z"


def _move(body: Body) -> None:
    body.update({name: {"seconds": 1.5, "by": "1d"}[name] for name in body})


def _state(body: Body) -> None:
    for part in ("incident-io", "grafana-oncall", "sandbox"):
        if part in body:
            body[part] = {}


REPAIRS: dict[str, Callable[[Body], None]] = {
    "add_target": _target,
    "add_fault": _fault,
    "replace_faults": _faults,
    "set_clock": _clock,
    "move_clock": _move,
    "import_state": _state,
}
