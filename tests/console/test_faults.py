from __future__ import annotations

import httpx
import pytest

from mockserver.server.app import MockServer
from mockserver.server.console.faults import ACTS, TIMES
from mockserver.server.faults.files import profile_names
from tests.console.conftest import ONCALL, Look

PAGE = "/_mock/console/faults"


def send(reader: httpx.Client, **form: str) -> int:
    return reader.post(PAGE, data=form).status_code


def test_a_fault_is_added_seen_at_work_switched_off_and_removed(
    reader: httpx.Client, client: httpx.Client, look: Look, server: MockServer
) -> None:
    assert (
        send(reader, do="short", operation="grafana-oncall list_postmortems", act="503", times="once") == 303
    )
    assert "operation list_postmortems" in " ".join(look(PAGE).text.split())
    assert [client.get("/api/v1/postmortems/", headers=ONCALL).status_code for _ in range(2)] == [503, 200]
    assert "acted on 1 of 2 that fit" in look(PAGE).text
    (fault,) = server.sandboxes.default.faults
    (first, _) = server.sandboxes.default.journal
    assert fault.id in look(f"/_mock/console/requests/{first.id}").text
    assert send(reader, do="off", id=fault.id) == 303
    assert not fault.enabled
    assert send(reader, do="on", id=fault.id) == 303
    assert fault.enabled
    assert send(reader, do="delete", id=fault.id) == 303
    assert list(server.sandboxes.default.faults) == []
    assert send(reader, do="delete", id=fault.id) == 404


@pytest.mark.parametrize("name", profile_names())
def test_a_profile_is_added_once_and_the_second_time_refused(
    name: str, reader: httpx.Client, look: Look, server: MockServer
) -> None:
    assert send(reader, do="profile", name=name) == 303
    there = len(server.sandboxes.default.faults)
    assert there > 0
    look(PAGE)
    again = reader.post(PAGE, data={"do": "profile", "name": name})
    assert again.status_code == 400
    assert "already" in again.text
    assert len(server.sandboxes.default.faults) == there
    assert send(reader, do="clear") == 303
    assert len(server.sandboxes.default.faults) == 0


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("times", TIMES)
def test_whatever_the_short_form_offers_is_a_rule(act: str, times: str, reader: httpx.Client) -> None:
    assert send(reader, do="short", operation="", act=act, times=times) == 303
    assert send(reader, do="short", operation="incident-io", act=act, times=times) == 303


def test_a_rule_in_full_that_is_wrong_is_told_and_kept_in_the_form(
    reader: httpx.Client, server: MockServer
) -> None:
    for rule, words in (
        ("{", "no JSON"),
        ("[]", "must be"),
        ('{"act": {"x<b>": 1}}', "x&lt;b&gt;"),
        ("{}", "act"),
    ):
        answer = reader.post(PAGE, data={"do": "rule", "rule": rule})
        assert answer.status_code == 400
        assert words in answer.text
    assert "<b>" not in answer.text.partition("<main")[2].partition("<p class")[0]
    assert len(server.sandboxes.default.faults) == 0
    assert send(reader, do="rule", rule='{"id": "mine", "act": {"status": 500}}') == 303


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "explode"},
        {"do": "short"},
        {"do": "short", "act": "x", "times": "always"},
        {"do": "profile"},
    ],
)
def test_a_form_that_makes_no_sense_is_refused(form: dict[str, str], reader: httpx.Client) -> None:
    assert send(reader, **form) in (400, 404)


def test_the_forms_of_pages_from_elsewhere_are_refused(reader: httpx.Client, server: MockServer) -> None:
    for origin in ("http://evil.test", "null", "http://127.0.0.1:1"):
        answer = reader.post(
            PAGE, data={"do": "short", "act": "500", "times": "always"}, headers={"Origin": origin}
        )
        assert answer.status_code == 403
    assert len(server.sandboxes.default.faults) == 0
