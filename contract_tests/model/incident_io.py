"""A small model of incident.io, the judge of any stream of exchanges with it.

Written from the rules and from the vendor's pages. It knows what it was told by exchanges: records that it did not
see made are learned from what is shown of them, and what it cannot know it does not judge. Additions that the vendor
has reserved for itself (members, values, other forms of ids) are no complaints, whoever is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.model import incident_io_documents as documents
from contract_tests.model import incident_io_follow_ups as follow_ups
from contract_tests.model import incident_io_incidents as incidents
from contract_tests.model import incident_io_lists as lists
from contract_tests.model.credentials import Credentials
from contract_tests.model.incident_io_asked import (
    BODIES,
    EDIT_SCOPES,
    SHARE_SCOPES,
    Caller,
    Callers,
    NotJson,
    Operation,
    Stranger,
    faults,
    is_json_type,
    operation,
    read_json,
)
from contract_tests.model.incident_io_forms import nulls
from contract_tests.model.incident_io_memory import Call, Memory
from contract_tests.model.incident_io_refused import envelope, lacking_scope, refused, wrong_members
from contract_tests.model.shadow import brief, of_the_guard
from contract_tests.rules import find_rule

Judge = Callable[[Memory, Call], Iterator[str]]
PROVIDER = "incident-io"
WRITES: Mapping[str, Judge] = {
    "import": documents.imported,
    "status": documents.moved,
    "attach": documents.attached,
    "follow": follow_ups.created,
    "change": follow_ups.changed,
    "delete": follow_ups.deleted,
    "open": incidents.opened,
    "edit": incidents.edited,
    "share": incidents.shared,
}
READS: Mapping[str, Judge] = {
    "document": documents.shown,
    "content": documents.content,
    "follow_up": follow_ups.shown,
    "incident": incidents.shown,
    "documents": lists.listed,
    "follow_ups": lists.listed,
    "incidents": lists.listed,
    "updates": lists.listed,
    "identity": lists.identity,
}
JUDGES: Mapping[str, Judge] = {**WRITES, **READS}
# The rule about each fault of a body's members.
FAULT_RULES: Mapping[str, Mapping[str, str]] = {
    "import": {
        "missing_field": "field.missing",
        "invalid_field_type": "field.type",
        "invalid_enum_value": "field.type",
    },
    "status": dict.fromkeys(("missing_field", "invalid_field_type", "invalid_enum_value"), "status.refused"),
    "attach": dict.fromkeys(("missing_field", "invalid_field_type", "invalid_enum_value"), "attach.refused"),
    "open": dict.fromkeys(("missing_field", "invalid_field_type", "invalid_enum_value"), "create.required"),
    "edit": dict.fromkeys(("missing_field", "invalid_field_type", "invalid_enum_value"), "edit.required"),
    "share": dict.fromkeys(
        ("missing_field", "invalid_field_type", "invalid_enum_value"), "updates.something"
    ),
    "follow": dict.fromkeys(
        ("missing_field", "invalid_field_type", "invalid_enum_value"), "follow-up.fields"
    ),
    "change": dict.fromkeys(
        ("missing_field", "invalid_field_type", "invalid_enum_value"), "follow-up.fields"
    ),
}


class IncidentIoShadow:
    """`strict`: of a mock of our own, all of whose keys are known. `shared`: others change their records meanwhile."""

    def __init__(self, deployment: Deployment, *, strict: bool = True, shared: bool = False) -> None:
        self._strict = strict
        self._callers = Callers(deployment, strict)
        self._credentials = Credentials(self._callers.known, others=shared)
        self._memory = Memory(deployment, strict=strict, shared=shared)
        self._request_ids: set[str] = set()

    def judge(self, exchange: Exchange) -> list[str]:
        """Complaints that begin with the name of the rule. On a deployment, guesses of ours are no complaints."""
        asked, answered = exchange.asked, exchange.answered
        self._credentials.sent(asked)
        if answered is None or of_the_guard(answered):
            return []
        found = [f"{PROVIDER}/{complaint}" for complaint in self._judge(asked, answered)]
        kept = found if self._strict else [each for each in found if not _is_a_guess(each)]
        return [f"{complaint} [{asked.method} {asked.target[:150]}]" for complaint in kept]

    def _judge(self, asked: Asked, answered: Answered) -> Iterator[str]:
        if self._credentials.are_told(asked, answered):
            yield "auth.unknown-key: the answer repeats a credential"
        found = operation(asked)
        if found is None:
            return
        if answered.status >= 500:
            yield f"error.never-500: answers {answered.status} with {brief(answered.body)}"
            return
        yield from _framing(answered)
        said = _read(answered)
        if said is None and answered.status != 204:
            yield f"{_shape_rule(found)}: a {answered.status} whose body is no JSON object: {brief(answered.body)}"
            return
        if answered.status >= 400:
            complaints = list(envelope(answered))
            yield from complaints
            yield from self._request_id(said or {})
            if complaints or answered.status == 429:
                return
        elif found.name not in JUDGES:
            yield from nulls(said)
        caller = self._callers.of(asked)
        if isinstance(caller, Stranger):
            rule = (
                "auth.missing"
                if len(caller.codes) > 1 or "missing" in caller.codes[0]
                else "auth.unknown-key"
            )
            yield from refused(answered, rule, "nobody has that key", 401, *caller.codes)
        elif caller is not None:
            yield from self._of_a_caller(asked, answered, found, caller, said or {})

    def _of_a_caller(
        self, asked: Asked, answered: Answered, found: Operation, caller: Caller, said: Any
    ) -> Iterator[str]:
        body, certain, refusal = _body(asked, found)
        needed = _scopes(found, body, certain)
        lacking = None if needed is None else [s for s in needed if any(caller.may(o) is False for o in s)]
        if lacking:
            yield from lacking_scope(
                answered, _scope_rule(found), {scope for any_ in lacking for scope in any_}
            )
            return
        if answered.status == 401:
            yield f"auth.unknown-key: answers 401 to the key of {caller.key}"
            return
        if answered.status == 403:
            if needed is not None and all(all(caller.may(o) for o in s) for s in needed):
                yield f"{_scope_rule(found)}: answers 403 to a key that may: {caller.key}"
            return
        if refusal:
            yield from refused(answered, refusal[0], refusal[1], *refusal[2:])
            return
        if not certain:
            return
        wrong = faults(found.name, body)
        if wrong:
            yield from wrong_members(answered, FAULT_RULES[found.name], wrong)
            return
        own = self._memory.organisations[caller.organisation]
        call = Call(asked, answered, found, caller, own, body, said)
        judge = JUDGES.get(found.name, lists.catalog)
        try:
            yield from judge(self._memory, call)
        except (AttributeError, KeyError, TypeError) as error:
            yield f"{_shape_rule(found)}: has a form that cannot be read ({error!r}): {brief(said)}"

    def _request_id(self, said: Any) -> Iterator[str]:
        id_ = said.get("request_id") if isinstance(said, dict) else None
        if isinstance(id_, str):
            if id_ in self._request_ids:
                yield f"error.request-id: {brief(id_)} was that of another request"
            self._request_ids.add(id_)


def _is_a_guess(complaint: str) -> bool:
    rule = find_rule(complaint.partition(":")[0])
    return rule is not None and rule.grade == "assumed"


def _read(answered: Answered) -> Any:
    try:
        said = answered.json()
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _framing(answered: Answered) -> Iterator[str]:
    length = None if answered.header("Content-Encoding") else answered.header("Content-Length")
    if (
        length is not None
        and answered.header("Content-Encoding") is None
        and length != str(len(answered.body))
    ):
        yield f"import.shape: Content-Length is {length}, and the body has {len(answered.body)} bytes"
    if answered.status == 204:
        return
    kind = (answered.header("Content-Type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        rule = "error.envelope" if answered.status >= 400 else "import.shape"
        yield f"{rule}: Content-Type is {answered.header('Content-Type')!r}"


def _shape_rule(found: Operation) -> str:
    return {"import": "import.shape", "documents": "documents.list-shape"}.get(found.name, "error.envelope")


def _scope_rule(found: Operation) -> str:
    return {
        "import": "auth.missing-scope",
        "edit": "edit.scopes",
        "share": "updates.scopes",
        "open": "create.answer",
    }.get(found.name, "catalog.scope" if found.name.startswith(("all", "one")) else "documents.scopes")


def _body(asked: Asked, found: Operation) -> tuple[Any, bool, tuple[str, Any, Any, Any] | None]:
    """The body, whether it can be told, and what it is to be refused with, if at all."""
    if found.name not in BODIES:
        return {}, True, None
    as_json = is_json_type(asked)
    if not asked.body and as_json:
        return {}, True, ("body.no-object", "there is no body", 422, "missing_payload")
    if as_json is None or not asked.body:
        return {}, False, None
    if not as_json:
        return {}, True, ("content-type.unsupported", "that is no JSON", 400, "unsupported_media_type")
    if asked.header("Content-Encoding"):
        return {}, False, None
    try:
        body = read_json(asked)
    except NotJson:
        return {}, True, ("body.malformed", "that is no JSON", 400, "decode_payload")
    except RecursionError:
        return {}, False, None
    if not isinstance(body, dict):
        return {}, True, ("body.no-object", "that is no object", 422, "invalid_field_type")
    return body, True, None


def _scopes(found: Operation, body: Any, certain: bool) -> list[tuple[str, ...]] | None:
    """Every scope that is needed; of those that stand together, one may be named for the other."""
    if found.scope != "*":
        return [(found.scope,)] if found.scope else []
    if found.name == "share":
        needed: list[tuple[str, ...]] = [("incident_updates.create",)]
        return needed + [
            (scope,) for name, scope in SHARE_SCOPES.items() if certain and body.get(name) is not None
        ]
    changes = body.get("incident") if certain else None
    if not isinstance(changes, dict) or not certain:
        return None
    given = [scopes for name, scopes in EDIT_SCOPES.items() if changes.get(name) is not None]
    return [("incidents.view",), *given]
