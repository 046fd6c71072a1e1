from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from mockserver.core.errors import ConfigurationError
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.test_sandboxes import LIST, NEW, ONCALL

NOON = "2026-03-01T12:00:00+00:00"


def put(client: httpx.Client, **wanted: Any) -> dict[str, Any]:
    answer = client.put("/_mock/clock", json=wanted)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert isinstance(shown, dict)
    return shown


def move(client: httpx.Client, **wanted: Any) -> str:
    answer = client.post("/_mock/clock/move", json=wanted)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["now"])


def created_at(client: httpx.Client) -> str:
    return str(client.post(LIST, json=NEW, headers=ONCALL).json()["created_at"])


@pytest.fixture
def limited(make_server: MakeServer) -> Iterator[httpx.Client]:
    """Of a server that lets one request a minute pass."""
    server = make_server(rate_factor=0.003)
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        yield client


def test_an_untouched_clock_runs_with_the_machines(client: httpx.Client) -> None:
    shown = client.get("/_mock/clock").json()
    assert (shown["frozen"], shown["tick"], shown["offset"]) == (False, None, 0)
    assert abs(datetime.fromisoformat(shown["now"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_frozen_clock_stamps_what_is_written_with_one_time(client: httpx.Client) -> None:
    assert put(client, now=NOON, frozen=True)["now"] == NOON
    assert created_at(client) == created_at(client) == "2026-03-01T12:00:00Z"
    assert move(client, by="1d") == "2026-03-02T12:00:00+00:00"
    assert created_at(client) == "2026-03-02T12:00:00Z"
    assert put(client, frozen=False)["frozen"] is False
    assert client.get("/_mock/clock").json()["now"].startswith("2026-03-02T12:0")


def test_a_clock_steps_with_every_request_to_a_vendor_and_with_no_other(client: httpx.Client) -> None:
    put(client, now=NOON, frozen=True, tick=60)
    assert [created_at(client), created_at(client)] == ["2026-03-01T12:01:00Z", "2026-03-01T12:02:00Z"]
    assert client.get("/_mock/clock").json()["now"] == put(client)["now"] == "2026-03-01T12:02:00+00:00"
    assert put(client, tick=None)["tick"] is None
    assert created_at(client) == "2026-03-01T12:02:00Z"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"seconds": 1.5}, "12:00:01.500000"),
        ({"seconds": -60}, "11:59:00"),
        ({"by": "90s"}, "12:01:30"),
        ({"by": "-1.5h"}, "10:30:00"),
        ({"by": "+250ms"}, "12:00:00.250000"),
    ],
)
def test_a_clock_is_moved_forth_and_back(client: httpx.Client, wanted: dict[str, Any], expected: str) -> None:
    put(client, now=NOON, frozen=True)
    assert move(client, **wanted) == f"2026-03-01T{expected}+00:00"


def test_a_moved_clock_gives_a_spent_allowance_back(limited: httpx.Client) -> None:
    def status() -> int:
        return limited.get(LIST, headers=ONCALL).status_code

    put(limited, frozen=True)
    assert [status(), status()] == [200, 429]
    move(limited, seconds=59)
    assert status() == 429
    move(limited, seconds=1)
    assert [status(), status()] == [200, 429]


def test_a_clock_that_goes_back_locks_nobody_out_for_longer_than_the_window(limited: httpx.Client) -> None:
    assert limited.get(LIST, headers=ONCALL).status_code == 200
    put(limited, now="1970-01-01T00:00:00Z", frozen=True)
    refused = limited.get(LIST, headers=ONCALL)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) <= 60
    assert put(limited, now="2999-12-31")["frozen"] is True
    assert limited.get(LIST, headers=ONCALL).status_code == 200


@pytest.mark.parametrize("at", ["1970-01-01", "2999-12-31T23:59:59Z"])
def test_at_either_end_of_time_both_vendors_still_write(client: httpx.Client, at: str) -> None:
    put(client, now=at, frozen=True, tick=3600)
    path = "/api/v1/alert_groups/IQUIET1PAGE11/silence/"
    for delay in (100_000_000_000, 60):
        client.post(path, json={"delay": delay}, headers=ONCALL)
        assert client.get("/api/v1/alert_groups/", headers=ONCALL).status_code == 200
    opened = {"idempotency_key": at, "visibility": "public", "name": "x"}
    severity = "01FC31EQM04W15VJSB8MKJV5NT"
    for number in range(3):
        answer = client.post(
            "/v2/incidents",
            json={**opened, "severity_id": severity, "idempotency_key": f"{at}{number}"},
            headers={"Authorization": "Bearer inc-test-key"},
        )
        assert answer.status_code == 200


def test_each_sandbox_has_a_clock_of_its_own_and_a_reset_sets_it_right(client: httpx.Client) -> None:
    put(client, now=NOON, frozen=True)
    assert client.get("/_mock/sandboxes/b/_mock/clock").json()["frozen"] is False
    client.post("/_mock/reset")
    assert client.get("/_mock/clock").json()["frozen"] is False


def test_with_a_seed_the_clock_stands_but_for_its_steps_and_can_be_moved_and_let_run(
    make_server: MakeServer,
) -> None:
    server = make_server(seed=1)
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        shown = client.get("/_mock/clock").json()
        assert (shown["now"], shown["frozen"], shown["tick"]) == ("2026-01-01T00:00:00+00:00", True, 0.1)
        move(client, seconds=10)
        assert created_at(client) == "2026-01-01T00:00:10.100000Z"
        put(client, frozen=False, tick=None)
        assert created_at(client).startswith("2026-01-01T00:0")


def test_a_server_can_be_told_what_its_clocks_show_first(make_server: MakeServer) -> None:
    server = make_server(clock=datetime(2030, 5, 1, tzinfo=UTC))
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        for sandbox in ("default", "b"):
            shown = client.get("/_mock/clock", headers={"X-Mock-Sandbox": sandbox}).json()
            assert shown["now"].startswith("2030-05-01T00:0")
            assert shown["frozen"] is False
    assert make_server(seed=1, clock=datetime(2030, 5, 1, tzinfo=UTC)).sandboxes.default.services.clock.frozen
    with pytest.raises(ConfigurationError, match="1970 to 3000"):
        make_server(clock=datetime(1930, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("", {"now": "tomorrow"}, "'tomorrow' is not a time"),
        ("", {"now": 5}, "5 is not a time"),
        ("", {"now": "9" * 5000}, "is not a time"),
        ("", {"now": "1969-12-31"}, "1970 to 3000"),
        ("", {"now": "0001-01-01T00:00:00+14:00"}, "is not a time"),
        ("", {"frozen": 1}, "frozen"),
        ("", {"frozen": None, "speed": 2}, "'speed'"),
        ("", {"tick": -1}, "a request moves a clock by"),
        ("", {"tick": 1e300}, "beyond any clock"),
        ("", {"tick": True}, "tick must be a number"),
        ("", {"now": "1969-12-31", "tick": 5}, "1970 to 3000"),
        ("/move", {}, "seconds"),
        ("/move", {"seconds": 1, "by": "1d"}, "seconds"),
        ("/move", {"seconds": "1"}, "seconds must be a number"),
        ("/move", {"seconds": 1e12}, "1970 to 3000"),
        ("/move", {"by": "one day"}, "by must be"),
        ("/move", {"by": 5}, "by must be"),
        ("/move", {"by": "999999999w"}, "beyond any clock"),
        ("/move", {"days": 5}, "'days'"),
    ],
)
def test_what_no_clock_can_do_is_told_and_leaves_it_as_it_was(
    client: httpx.Client, path: str, body: dict[str, Any], words: str
) -> None:
    before = put(client, now=NOON, frozen=True, tick=1)
    answer = client.request("POST" if path else "PUT", f"/_mock/clock{path}", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    shown = client.get("/_mock/clock").json()
    assert {**shown, "offset": 0} == {**before, "offset": 0}
