from __future__ import annotations

from typing import Any

import httpx
import pytest

from mockserver.core.errors import NotAuthenticated, NotFound, Refusal
from mockserver.core.exchange import Answer, Request
from mockserver.core.explaining import Case, Explainer, Facts, when
from mockserver.server.app import MockServer
from mockserver.server.journal.journal import JournalBounds
from tests.conftest import MakeServer
from tests.inprocess import InProcess

ADMIN = {"Authorization": "meowmeowmeow"}
KEY = {"Authorization": "Bearer inc-test-key"}
EXPLAIN = {"X-Mock-Explain": "1"}
POSTMORTEMS = "/api/v1/postmortems/"
IMPORT = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"


def told(client: httpx.Client, answer: httpx.Response) -> Any:
    found = client.get(answer.headers["X-Mock-Explain"])
    assert found.status_code == 200, found.text
    return found.json()


def test_an_answer_that_is_asked_to_leads_to_its_explanation(client: httpx.Client) -> None:
    sent = {"alert_group_id": "IQUIET1PAGE11", "text": "disk"}
    answer = client.post(POSTMORTEMS, headers=ADMIN | EXPLAIN, json=sent)
    explanation = told(client, answer)
    assert explanation["decided"] == "done: a postmortem was created"
    assert explanation["operation"] == "create_postmortem"
    assert explanation["rules"][0] == {
        "id": "create.shape",
        "rule": "Create answers exactly id, alert_group_id, created_at and text, with alert_group_id and text as sent"
        " and without postmortem_messages.",
        "grade": "documented",
        "source": "The page, Create a postmortem",
        "general": False,
    }
    assert explanation["rules"][-1]["general"] is True
    [change] = explanation["changed"]
    assert (change["collection"], change["change"], change["before"]) == ("postmortems", "created", None)
    assert change["after"] == {**answer.json(), "created_at": change["after"]["created_at"]}
    assert (explanation["fault"], explanation["breaches"]) == (None, [])


def test_an_update_shows_what_was_there_before(client: httpx.Client) -> None:
    answer = client.put(f"{POSTMORTEMS}P658FE5K87EWZ/", headers=ADMIN | EXPLAIN, json={"text": "disk"})
    [change] = told(client, answer)["changed"]
    assert change["change"] == "updated"
    assert (change["before"]["text"], change["after"]["text"]) == ("Demo postmortem text", "disk")


def test_a_refusal_names_the_place_of_what_was_broken(client: httpx.Client) -> None:
    answer = client.post(IMPORT, headers=KEY | EXPLAIN, json={"title": 5})
    explanation = told(client, answer)
    words = "refused for its body: title is of another type than the document wants, and content is missing"
    assert explanation["decided"] == words
    spec = explanation["spec"]
    assert spec["file"] == "specs/incident-io/upstream.yaml"
    assert spec["pointer"].endswith("import_postmortem_document/post")
    assert spec["answer"]["pointer"].endswith("/responses/422")
    assert [place["pointer"].rpartition("/")[2] for place in spec["broken"]] == ["type", "required"]
    assert {breach["kind"] for breach in explanation["breaches"]} == {"body"}


@pytest.mark.parametrize("sandbox", ["default", "another"])
def test_the_vendors_own_request_id_will_do_wherever_it_was_answered(
    client: httpx.Client, sandbox: str
) -> None:
    refused = client.get("/v1/severities", headers={"X-Mock-Sandbox": sandbox})
    client.get("/v1/severities", headers={"X-Mock-Sandbox": sandbox})
    explanation = client.get(f"/_mock/explain/{refused.json()['request_id']}").json()
    assert explanation["sandbox"] == sandbox
    assert explanation["rules"][0]["id"] == "auth.missing"


def test_the_chosen_sandbox_is_searched_first(server: MockServer, client: httpx.Client) -> None:
    ids = {
        name: client.get("/v1/severities", headers={"X-Mock-Sandbox": name}).json()["request_id"]
        for name in ("a", "b")
    }
    for name in ("a", "b"):
        [entry] = server.sandboxes.named(name).journal
        entry.answer = Answer(401, (), entry.answer.body.replace(ids[name].encode(), b"AAAAAAAA"))
    for name in ("a", "b"):
        found = client.get("/_mock/explain/AAAAAAAA", headers={"X-Mock-Sandbox": name})
        assert found.json()["sandbox"] == name


def test_the_address_keeps_the_prefix_of_a_sandbox(client: httpx.Client) -> None:
    answer = client.get(f"/_mock/sandboxes/mine{POSTMORTEMS}", headers=ADMIN | EXPLAIN)
    assert answer.headers["X-Mock-Explain"].startswith("/_mock/sandboxes/mine/_mock/explain/r")
    assert told(client, answer)["sandbox"] == "mine"


@pytest.mark.parametrize("id_", ["r0", "r999999999", "r" + "9" * 400, "r-1", "r²", "nothing", "rr1", "%00"])
def test_an_unknown_id_is_told_as_such_and_makes_no_sandbox(
    server: MockServer, client: httpx.Client, id_: str
) -> None:
    before = {sandbox.name for sandbox in server.sandboxes}
    answer = client.get(f"/_mock/explain/{id_}", headers={"X-Mock-Sandbox": "new"})
    assert answer.status_code == 404
    assert "no journal has a request" in answer.json()["error"]
    assert {sandbox.name for sandbox in server.sandboxes} == before


def test_an_unknown_parameter_is_refused(client: httpx.Client) -> None:
    answer = client.get("/_mock/explain/r1?full=1")
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "'full' is unknown; there is none here"},
    )


def test_what_nobody_owns_is_explained_with_what_it_was_probably_meant_to_be(client: httpx.Client) -> None:
    answer = client.get("/api/v1/postmortem/", headers=ADMIN | EXPLAIN)
    explanation = told(client, answer)
    assert explanation["decided"] == "not found: no operation has this path"
    assert (explanation["operation"], explanation["spec"]) == (None, None)
    assert POSTMORTEMS in [miss["path"] for miss in explanation["near_misses"]]


def test_a_method_without_an_operation_leads_to_its_path(client: httpx.Client) -> None:
    explanation = told(client, client.put(POSTMORTEMS, headers=ADMIN | EXPLAIN))
    assert explanation["rules"][0]["id"] == "method.unsupported"
    assert explanation["spec"]["pointer"] == "/paths/~1api~1v1~1postmortems~1"
    assert explanation["spec"]["answer"] is None


def test_no_credential_is_in_an_explanation(client: httpx.Client) -> None:
    sent = {"alert_group_id": "IQUIET1PAGE11", "text": "my token is meowmeowmeow"}
    answer = client.post(POSTMORTEMS, headers=ADMIN | EXPLAIN, json=sent)
    found = client.get(answer.headers["X-Mock-Explain"])
    assert "meowmeowmeow" not in found.text
    assert found.json()["changed"][0]["after"]["text"] == "my token is <credential>"


def test_records_with_tokens_are_shown_without_them(server: MockServer, client: httpx.Client) -> None:
    world: Any = server.sandboxes.default.worlds["grafana-oncall"]
    client.get(POSTMORTEMS, headers=ADMIN)
    [user] = [user for user in world.tables.users if "meowmeowmeow" in user.tokens]
    world.tables.users.replace(user)
    answer = client.get(POSTMORTEMS, headers=ADMIN | EXPLAIN)
    found = client.get(answer.headers["X-Mock-Explain"])
    assert found.json()["changed"][0]["collection"] == "users"
    assert "meowmeowmeow" not in found.text


def test_nothing_is_explained_that_was_not_kept(make_server: MakeServer) -> None:
    server = make_server(journal=JournalBounds(entries=0))
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        answer = client.get(POSTMORTEMS, headers=ADMIN | EXPLAIN)
        assert client.get(answer.headers["X-Mock-Explain"]).status_code == 404


class TestExplainer:
    """What the tables mean, on tables of four lines."""

    def facts(self, refusal: Refusal | None = None, status: int = 404) -> Facts:
        return Facts(None, Request("GET", "/"), {}, Answer(status), refusal)

    def explainer(self, **tables: Any) -> Explainer:
        empty: dict[str, Any] = {"refused": {}, "done": {}, "unrouted": (), "crashed": ()}
        return Explainer(**{**empty, **tables})

    def test_a_refusal_is_told_by_the_nearest_type_in_the_table(self) -> None:
        explainer = self.explainer(
            refused={Refusal: (Case("any", ("r.any",)),), NotAuthenticated: (Case("who", ("r.who",)),)}
        )
        assert explainer.explain(self.facts(NotAuthenticated("missing"))).decided == "who"
        assert explainer.explain(self.facts(NotFound())).decided == "any"

    def test_of_several_cases_the_first_that_applies_is_told(self) -> None:
        cases = (
            Case("never", ("r.never",), lambda facts: False),
            Case("this", ("r.this",)),
            Case("that", ()),
        )
        assert self.explainer(unrouted=cases).explain(self.facts()).rules == ("r.this",)

    def test_rules_come_once_in_their_order_and_general_ones_apart(self) -> None:
        clues = ("b", when(lambda facts: False, "no"), when(lambda facts: True, "a", "b"), "a")
        explainer = self.explainer(unrouted=(Case("x", clues),), every=("a", "c"))
        explanation = explainer.explain(self.facts())
        assert (explanation.rules, explanation.general) == (("b", "a"), ("c",))
        assert explainer.rules() == {"a", "b", "c", "no"}

    def test_what_no_table_knows_is_admitted(self) -> None:
        assert self.explainer().explain(self.facts()).decided == "no rule is known to have decided"

    def test_an_answer_of_500_without_a_refusal_is_a_crash(self) -> None:
        explainer = self.explainer(crashed=(Case("crash", ()),), unrouted=(Case("nobody's", ()),))
        assert explainer.explain(self.facts(status=500)).decided == "crash"
        assert explainer.explain(self.facts()).decided == "nobody's"


class TestFaults:
    def with_a_fault(self, client: httpx.Client, **act: Any) -> Any:
        rule = {"id": "mine", "match": {"path": f"{POSTMORTEMS}*"}, "act": act}
        assert client.put("/_mock/faults", json={"rules": [rule]}).status_code == 200
        return told(client, client.get(POSTMORTEMS, headers=ADMIN | EXPLAIN))

    def test_a_fault_that_answers_is_what_decided(self, client: httpx.Client) -> None:
        explanation = self.with_a_fault(client, status=429, retry_after=2)
        assert explanation["decided"] == "the fault mine answered in the vendor's place"
        assert explanation["fault"] == "mine"
        assert "rate.answer" in [rule["id"] for rule in explanation["rules"]]
        assert explanation["spec"]["answer"]["pointer"].endswith("/get/responses/429")

    def test_a_fault_that_spoils_an_answer_is_told_beside_what_was_done(self, client: httpx.Client) -> None:
        explanation = self.with_a_fault(client, malformed=True)
        assert explanation["decided"].startswith(
            "the fault mine had a hand in the answer; without it: done: "
        )
        assert explanation["rules"][0]["id"] == "list.shape"
