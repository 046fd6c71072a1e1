"""What may leave."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.exchange import Asked
from contract_tests.guard.meaning import Ref, effect_of
from contract_tests.guard.policy import Policy, Rights, refusal

DEPLOYMENT = Deployment(
    oncall_disposable_alert_groups="IDISPOSABLE, IANOTHER",
    incident_id="01OPEN",
    incident_with_link_id="01LINKED",
)
RIGHTS = Rights.of(DEPLOYMENT)
PERMANENT = Rights.of(DEPLOYMENT, permanent=True)
GROUPS = "/api/v1/alert_groups"
ATTACH = "/v1/postmortem_documents/actions/attach"
UPDATES = "/v2/incident_updates"


class Owner:
    """Has made a postmortem, a follow-up, and an incident."""

    def owns(self, ref: Ref) -> bool:
        return ref in {("postmortem", "PMINE"), ("follow_up", "01MINE"), ("incident", "01MINE")}


def word(
    policy: Policy, method: str, target: str, body: Any = None, rights: Rights = RIGHTS, flaw: str = ""
) -> str:
    asked = Asked(method, target, (), b"" if body is None else json.dumps(body).encode())
    found, reason = refusal(policy, effect_of(asked), target, flaw, rights, Owner())
    assert bool(found) is bool(reason)
    return found or ""


READS = [("GET", "/api/v1/users/"), ("HEAD", "/v2/incidents"), ("OPTIONS", "/anything"), ("GET", "/a/../%2e")]
CREATES = [("POST", "/api/v1/postmortems/"), ("POST", "/api/v1/resolution_notes"), ("POST", "/v3/follow_ups")]
OWN = [
    ("PUT", "/api/v1/postmortems/PMINE/"),
    ("PATCH", "/api/v1/postmortems/PMINE"),
    ("DELETE", "/api/v1/postmortems/PMINE/"),
    ("PUT", "/v3/follow_ups/01MINE"),
    ("DELETE", "/v3/follow_ups/01MINE"),
    ("POST", "/v2/incidents/01MINE/actions/edit"),
    ("DELETE", f"{GROUPS}/IDISPOSABLE/"),
    ("POST", f"{GROUPS}/IANOTHER/resolve/"),
]
FOREIGN = [
    ("PUT", "/api/v1/postmortems/PTHEIRS/"),
    ("PATCH", "/api/v1/postmortems/PTHEIRS/"),
    ("DELETE", "/api/v1/postmortems/PTHEIRS/"),
    ("DELETE", "/api/v1/postmortems/pmine/"),
    ("DELETE", "/api/v1/postmortems/PMINE1/"),
    ("DELETE", "/api/v1/postmortems/%50MINE/"),
    ("DELETE", "/api/v1/postmortems//PMINE/"),
    ("DELETE", "/api/v1/postmortems/PMINE/../PTHEIRS/"),
    ("DELETE", "/api/v1/postmortems/./PMINE/"),
    ("DELETE", "/api/v1/resolution_notes/PMINE/"),
    ("DELETE", "/api/v1/postmortems/"),
    ("DELETE", f"{GROUPS}/ITHEIRS/"),
    ("POST", f"{GROUPS}/ITHEIRS/resolve/"),
    ("PUT", "/v3/follow_ups/01THEIRS"),
    ("POST", "/v2/incidents/01THEIRS/actions/edit"),
    ("PUT", "/v1/postmortem_documents/01MINE"),
]
UNKNOWN = [
    ("TRACE", "/api/v1/users/"),
    ("FOO", "/"),
    ("delete", "/api/v1/postmortems/PMINE/"),
    ("POST", "/nothing"),
    ("POST", "/_mock/reset"),
    ("PROPFIND", "/"),
]


@pytest.mark.parametrize("method, target", READS + CREATES + OWN + FOREIGN + UNKNOWN)
def test_anything_leaves_to_a_server_of_ones_own(method: str, target: str) -> None:
    assert word("all", method, target) == ""
    assert word("all", method, target, flaw="odd") == ""


@pytest.mark.parametrize("method, target", READS)
def test_reading_is_always_allowed(method: str, target: str) -> None:
    assert word("none", method, target) == word("own", method, target) == ""


@pytest.mark.parametrize("method, target", CREATES + OWN + FOREIGN + UNKNOWN)
def test_nothing_that_changes_anything_leaves_in_a_run_that_only_reads(method: str, target: str) -> None:
    assert word("none", method, target) == "refused"


@pytest.mark.parametrize("method, target", CREATES + OWN)
def test_a_run_creates_and_does_as_it_likes_with_its_own(method: str, target: str) -> None:
    assert word("own", method, target) == ""


@pytest.mark.parametrize("method, target", FOREIGN + UNKNOWN)
def test_a_run_touches_nothing_of_others_and_sends_nothing_that_is_unknown(method: str, target: str) -> None:
    assert word("own", method, target) == "refused"
    assert word("own", method, target, rights=PERMANENT) == "refused"


@pytest.mark.parametrize("policy", ["own", "none"])
def test_what_servers_may_read_differently_does_not_leave(policy: Policy) -> None:
    assert word(policy, "GET", "/api/v1/users/", flaw="two lengths") == "refused"


OPENED = {"mode": "test", "idempotency_key": "k" * 16}


@pytest.mark.parametrize(
    "target, body, permanent",
    [
        ("/v2/incidents", OPENED, ""),
        ("/v2/incidents", {**OPENED, "mode": "standard"}, "refused"),
        ("/v2/incidents", {**OPENED, "idempotency_key": "0"}, "refused"),
        ("/v2/incidents/01OPEN/actions/import_postmortem_document", {}, ""),
        ("/v2/incidents/01LINKED/actions/import_postmortem_document", {}, ""),
        ("/v2/incidents/01MINE/actions/import_postmortem_document", {}, ""),
        ("/v2/incidents/01THEIRS/actions/import_postmortem_document", {}, "refused"),
        (UPDATES, {"incident_id": "01MINE"}, ""),
        (UPDATES, {}, ""),
        (UPDATES, {"incident_id": "01OPEN"}, "refused"),
        (UPDATES, {"incident_id": "01MINE", "Incident_id": "01THEIRS"}, "refused"),
        (UPDATES, {"incident_id": "01MINE", "idempotency_key": "0"}, "refused"),
        (ATTACH, {"incident_id": "01LINKED"}, ""),
        (ATTACH, {"incident_id": "01MINE"}, ""),
        (ATTACH, {"incident_id": "01OPEN"}, "refused"),
        (ATTACH, {}, "refused"),
    ],
)
def test_what_no_api_can_remove_is_made_only_if_that_is_allowed_and_only_where(
    target: str, body: Any, permanent: str
) -> None:
    assert word("own", "POST", target, body, PERMANENT) == permanent
    if body != {"incident_id": "01MINE"} or target != ATTACH:
        assert word("own", "POST", target, body) == "refused"


@pytest.mark.parametrize("policy", ["all", "own", "none"])
def test_a_run_keeps_to_its_scope(policy: Policy) -> None:
    rights = replace(RIGHTS, scope=("/api/v1/postmortems/", "/v3/"))
    assert word(policy, "GET", "/api/v1/postmortems/?page=2", rights=rights) == ""
    assert word(policy, "GET", "/v3/follow_ups", rights=rights) == ""
    for path in ("/api/v1/users/", "/api/v1/postmortems", "/v3/../v2/x", "/v3/%2e%2e/v2", "/v3//x", "//v3/"):
        assert word(policy, "GET", path, rights=rights) == "outside-scope"


@pytest.mark.parametrize("policy", ["all", "own", "none"])
def test_a_star_in_a_scope_is_any_one_segment(policy: Policy) -> None:
    rights = replace(RIGHTS, scope=("/v2/incidents/*/actions/",))
    assert word(policy, "GET", "/v2/incidents/01X/actions/edit", rights=rights) == ""
    for path in ("/v2/incidents/01X", "/v2/incidents//actions/x", "/v2/incidents/01X/y/actions/x", "/v2/x"):
        assert word(policy, "GET", path, rights=rights) == "outside-scope"


def test_what_is_named_to_be_acted_on_may_be_and_documents_may_be_imported_on_both_sides() -> None:
    named = ("firing", "root", "attached", "maintenance")
    given = {f"oncall_{name}_alert_group": f"I{name.upper()}" for name in named}
    rights = Rights.of(Deployment.of({**given, "incident_other_organisation_id": "01THEIRS"}), permanent=True)
    assert {name for _, name in rights.changeable} == set(given.values())
    assert rights.disposable == frozenset()
    assert {name for _, name in rights.open} == {"01THEIRS"}


def test_an_id_that_the_deployment_lacks_allows_nothing() -> None:
    rights = Rights.of(Deployment.of({"oncall_token": "x", "incident_key": "y"}), permanent=True)
    assert rights.disposable == rights.open == frozenset()
