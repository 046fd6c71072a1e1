from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from mockserver.core.exchange import Headers
from mockserver.server.app import MockServer
from mockserver.server.faults.effects import Effect
from mockserver.server.faults.prefer import preferences
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.faults.asking import LIST, NEW, ONCALL, counters, listed, reply, rule


@pytest.fixture(scope="module")
def obliging(make_server: MakeServer) -> MockServer:
    return make_server(allow_prefer=True)


@pytest.fixture
def asking(obliging: MockServer) -> Iterator[httpx.Client]:
    """A client of a server that lets requests choose."""
    obliging.sandboxes.reset()
    with httpx.Client(transport=InProcess(obliging.app), base_url=obliging.settings.base_url) as client:
        yield client


def test_a_request_chooses_its_status_and_the_next_one_does_not(asking: httpx.Client) -> None:
    answer = asking.post(LIST, json=NEW, headers={**ONCALL, "Prefer": "code=503"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (503, "code=503")
    assert "Server Error (503)" in answer.text
    after = listed(asking)
    assert (after.status_code, after.json()["count"]) == (200, 1)
    assert "preference-applied" not in after.headers


def test_a_request_chooses_its_delay(obliging: MockServer) -> None:
    waiting = reply(obliging, Prefer="wait=2")
    assert (waiting.effect, waiting.answer.status) == (Effect(delay=2.0), 200)
    assert ("Preference-Applied", "wait=2") in waiting.answer.headers
    both = reply(obliging, Prefer="wait=0.5, code=429")
    assert (both.effect, both.answer.status) == (Effect(delay=0.5), 429)
    assert ("Preference-Applied", "code=429, wait=0.5") in both.answer.headers


def test_a_success_is_the_models_to_give(asking: httpx.Client) -> None:
    created = asking.post(LIST, json=NEW, headers={**ONCALL, "Prefer": "code=201"})
    assert (created.status_code, created.headers["preference-applied"]) == (201, "code=201")
    other = asking.get(LIST, headers={**ONCALL, "Prefer": "code=204"})
    assert (other.status_code, "preference-applied" in other.headers) == (200, False)
    refused = asking.get(LIST, headers={"Prefer": "code=200"})
    assert (refused.status_code, "preference-applied" in refused.headers) == (403, False)


@pytest.mark.parametrize(
    "wish, problem",
    [
        ("code=50x", "code='50x' is no status that a vendor answers"),
        ("code=302", "code='302' is no status"),
        ("code=100", "code='100' is no status"),
        ("code=600", "code='600' is no status"),
        ("code=", "code='' is no status"),
        ("code", "code='' is no status"),
        ("wait=-1", "wait='-1' is no number of seconds"),
        ("wait=99999", "wait='99999' is no number of seconds"),
        ("wait=nan", "wait='nan' is no number of seconds"),
        ('code="50\x413"', "code='50A3' is no status"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_told(asking: httpx.Client, wish: str, problem: str) -> None:
    answer = asking.get(LIST, headers={**ONCALL, "Prefer": wish})
    assert answer.status_code == 400
    assert problem in answer.json()["error"]


@pytest.mark.parametrize(
    "wish", ["respond-async", "return=minimal", "example=a", "", ",", "=", "handling=lenient"]
)
def test_what_else_a_request_prefers_is_left_alone(asking: httpx.Client, wish: str) -> None:
    answer = asking.get(LIST, headers={**ONCALL, "Prefer": wish})
    assert (answer.status_code, "preference-applied" in answer.headers) == (200, False)


@pytest.mark.parametrize(
    "lines, expected",
    [
        (["code=503"], {"code": "503"}),
        (["respond-async, wait=100"], {"respond-async": "", "wait": "100"}),
        (['CODE = 503 , Wait="2"'], {"code": "503", "wait": "2"}),
        (["code=404", "code=500, wait=1"], {"code": "404", "wait": "1"}),
        (['foo; bar; baz="a,b" ; code=500, wait=1'], {"foo": "", "wait": "1"}),
        (['a="x\\"y, code=500"'], {"a": 'x"y, code=500'}),
        (["code=503, @, wait=1"], {"code": "503"}),
        (['a="never ending', "wait=1"], {"wait": "1"}),
        ([";" * 50_000 + "!", "a" + " ; " * 20_000 + '"', "a=" + '\\"' * 20_000], {"a": ""}),
    ],
)
def test_preferences_are_read_as_rfc_7240_writes_them(lines: list[str], expected: dict[str, str]) -> None:
    found = preferences(Headers([(b"prefer", line.encode()) for line in lines]))
    assert found == expected or (len(lines) == 3 and set(found) <= {"a"})


def test_a_preference_goes_before_rules_which_do_not_see_the_request(asking: httpx.Client) -> None:
    added = rule(asking, {"status": 500})
    assert asking.get(LIST, headers={**ONCALL, "Prefer": "code=404"}).status_code == 404
    assert counters(asking, added["id"]) == (0, 0)
    assert listed(asking).status_code == 500


def test_without_the_flag_a_preference_is_nothing(client: httpx.Client) -> None:
    assert client.get(LIST, headers={**ONCALL, "Prefer": "code=503, wait=100"}).status_code == 200
