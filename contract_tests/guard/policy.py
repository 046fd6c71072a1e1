"""Which requests may leave."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from contract_tests.deployment import Deployment
from contract_tests.guard.meaning import Effect, Ref

# none: nothing that changes anything. own: creates, and what is done to what the run has made, or may do away with.
# all: anything, to a server of one's own.
Policy = Literal["all", "own", "none"]

Word = Literal["refused", "budget", "throttled", "unreachable", "timeout", "outside-scope"]

REFUSED: Word = "refused"
OUTSIDE: Word = "outside-scope"


class Owner(Protocol):
    def owns(self, ref: Ref) -> bool: ...


@dataclass(frozen=True)
class Rights:
    """What a run may do beyond what it owns."""

    disposable: frozenset[Ref] = frozenset()  # what it may change and delete
    changeable: frozenset[Ref] = frozenset()  # what it may change, and not delete
    open: frozenset[Ref] = frozenset()  # what it may add to for good
    permanent: bool = False  # whether it may create what no API can remove
    # How paths begin that it keeps to, those of the API's base URL, a * for any one segment; all if empty.
    scope: tuple[str, ...] = ()

    @classmethod
    def of(cls, deployment: Deployment, *, permanent: bool = False, scope: Sequence[str] = ()) -> Rights:
        disposable = deployment.oncall_disposable_alert_groups.split(",")
        acted_on = [deployment.oncall_firing_alert_group, deployment.oncall_maintenance_alert_group]
        acted_on += [deployment.oncall_root_alert_group, deployment.oncall_attached_alert_group]
        linked = _refs("incident", [deployment.incident_with_link_id])
        return cls(
            disposable=_refs("alert_group", disposable),
            changeable=_refs("alert_group", acted_on) | (linked if permanent else frozenset()),
            open=_refs(
                "incident",
                [
                    deployment.incident_id,
                    deployment.incident_with_link_id,
                    deployment.incident_other_organisation_id,
                ],
            ),
            permanent=permanent,
            scope=tuple(scope),
        )


def _refs(resource: str, ids: Collection[str]) -> frozenset[Ref]:
    return frozenset((resource, id_.strip()) for id_ in ids if id_.strip())


def refusal(
    policy: Policy, effect: Effect, path: str, flaw: str, rights: Rights, owner: Owner
) -> tuple[Word | None, str]:
    """A word of the guard's and the reason; None if the request may leave."""
    if policy != "all" and flaw:
        return REFUSED, f"servers may read it differently: {flaw}"
    if rights.scope and not _within(path, rights.scope):
        return OUTSIDE, f"outside of {' '.join(rights.scope)}"
    if policy == "all" or effect.kind == "read":
        return None, ""
    if effect.kind == "unknown":
        return REFUSED, effect.doubt
    if policy == "none":
        return REFUSED, f"nothing may change, and this would {effect.kind}"
    reason = _create(effect, rights, owner) if effect.kind == "create" else _touch(effect, rights, owner)
    return (REFUSED, reason) if reason else (None, "")


def _within(path: str, scope: Sequence[str]) -> bool:
    plain = path.partition("?")[0]
    if "/." in plain or "%" in plain or "//" in plain:
        return False
    return any(re.match("[^/]+".join(map(re.escape, begins.split("*"))), plain) for begins in scope)


def _create(effect: Effect, rights: Rights, owner: Owner) -> str:
    operation = effect.operation
    assert operation is not None
    if effect.doubt:
        return effect.doubt
    if not operation.lasting:
        return ""
    if not rights.permanent:
        return "it would make what no API can remove"
    for id_ in effect.into:
        ref = (operation.parent, id_)
        if not owner.owns(ref) and not (operation.resource == "document" and ref in rights.open):
            return f"it would add to {operation.parent} {id_}, which this run has not made"
    return ""


def _touch(effect: Effect, rights: Rights, owner: Owner) -> str:
    """Only what the run has made, or may do away with."""
    resource, id_ = effect.ref
    may = rights.disposable | (rights.changeable if effect.kind == "change" else frozenset())
    if not id_ or not (owner.owns(effect.ref) or effect.ref in may):
        return f"it would {effect.kind} {resource} {id_}, which this run has not made"
    return ""
