"""What the pages' forms do, beside those of faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from mockserver.server.app import MockServer
from tests.console.conftest import INCIDENT, ONCALL, Look

NEW = {"alert_group_id": "IQUIET1PAGE11", "text": "The disk was full."}


def send(reader: httpx.Client, page: str, **form: str) -> int:
    return reader.post(f"/_mock/{page}", data=form).status_code


def test_the_journal_is_emptied(reader: httpx.Client, client: httpx.Client, server: MockServer) -> None:
    client.get("/nowhere")
    assert send(reader, "console/requests") == 303
    assert len(server.sandboxes.default.journal) == 0


def test_a_sandbox_is_made_copied_reset_and_deleted(
    reader: httpx.Client, client: httpx.Client, look: Look, server: MockServer
) -> None:
    mine = {**ONCALL, "X-Mock-Sandbox": "mine"}
    count = client.get("/api/v1/postmortems/", headers=ONCALL).json()["count"]
    assert send(reader, "console/sandboxes", do="make", name="mine") == 303
    client.post("/api/v1/postmortems/", headers=mine, json=NEW)
    assert send(reader, "console/sandboxes", do="fork", name="mine", **{"as": "other"}) == 303
    other = {**ONCALL, "X-Mock-Sandbox": "other"}
    assert client.get("/api/v1/postmortems/", headers=other).json()["count"] == count + 1
    assert "other" in look("/_mock/console/sandboxes").text
    assert send(reader, "console/sandboxes", do="reset", name="mine") == 303
    assert client.get("/api/v1/postmortems/", headers=mine).json()["count"] == count
    assert send(reader, "console/sandboxes", do="delete", name="mine") == 303
    assert server.sandboxes.get("mine") is None


@pytest.mark.parametrize(
    "form",
    [
        {"do": "reset", "name": "nobody"},
        {"do": "delete", "name": "nobody"},
        {"do": "fork", "name": "nobody", "as": "x"},
        {"do": "fork", "name": "default", "as": "../x"},
        {"do": "fork", "name": "default", "as": "default"},
        {"do": "make", "name": ""},
        {"do": "explode", "name": "default"},
        {},
    ],
)
def test_what_cannot_be_done_to_a_sandbox_is_said(
    form: dict[str, str], reader: httpx.Client, server: MockServer
) -> None:
    assert server.sandboxes.default
    assert send(reader, "console/sandboxes", **form) == 400
    assert [sandbox.name for sandbox in server.sandboxes] == ["default"]


def test_a_page_of_a_sandbox_that_deletes_itself_leads_to_another(reader: httpx.Client, look: Look) -> None:
    send(reader, "console/sandboxes", do="make", name="mine")
    answer = reader.post(
        "/_mock/sandboxes/mine/_mock/console/sandboxes", data={"do": "delete", "name": "mine"}
    )
    assert answer.headers["Location"] == "/_mock/console/sandboxes?done=deleted"
    assert "The sandbox is gone." in look(answer.headers["Location"]).text


def test_a_snapshot_is_taken_restored_and_deleted(
    reader: httpx.Client, client: httpx.Client, look: Look, server: MockServer
) -> None:
    count = client.get("/api/v1/postmortems/", headers=ONCALL).json()["count"]
    assert send(reader, "console/state", do="keep", name="before") == 303
    client.post("/api/v1/postmortems/", headers=ONCALL, json=NEW)
    assert "before" in look("/_mock/console/state").text
    assert send(reader, "console/state", do="restore", name="before") == 303
    assert client.get("/api/v1/postmortems/", headers=ONCALL).json()["count"] == count
    assert send(reader, "console/state", do="drop", name="before") == 303
    assert send(reader, "console/state", do="restore", name="before") == 400
    assert send(reader, "console/state", do="keep", name="../etc/passwd") == 400
    assert send(reader, "console/state") == 400
    assert list(server.sandboxes.default.shelf) == []


def test_the_clock_is_stopped_moved_set_stepped_and_let_run(
    reader: httpx.Client, look: Look, server: MockServer
) -> None:
    clock = server.sandboxes.default.services.clock
    page = "console/clock"
    assert send(reader, page, do="freeze") == 303
    assert "Stopped" in look(f"/_mock/{page}").text
    assert send(reader, page, do="set", at="2030-01-02T03:04:05Z") == 303
    assert clock.now() == datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert send(reader, page, do="move", seconds="-86400") == 303
    assert clock.now() == datetime(2030, 1, 1, 3, 4, 5, tzinfo=UTC)
    assert send(reader, page, do="step", seconds="1.5") == 303
    assert clock.step == timedelta(seconds=1.5)
    assert "ahead of the machine’s; every request moves it by 1.5 s" in look(f"/_mock/{page}").text
    assert send(reader, page, do="run") == 303
    assert not clock.frozen


@pytest.mark.parametrize(
    "form",
    [
        {"do": "set", "at": "tomorrow"},
        {"do": "set"},
        {"do": "set", "at": "9999-01-01T00:00:00Z"},
        {"do": "move", "seconds": "nan"},
        {"do": "move", "seconds": "inf"},
        {"do": "move", "seconds": "1e30"},
        {"do": "move", "seconds": "<b>"},
        {"do": "step", "seconds": "-1"},
        {},
    ],
)
def test_what_is_no_time_is_said(form: dict[str, str], reader: httpx.Client) -> None:
    assert send(reader, "console/clock", **form) == 400


def test_a_webhook_is_shown_with_its_attempts_and_sent_again(
    reader: httpx.Client, client: httpx.Client, look: Look, server: MockServer
) -> None:
    page = "console/webhooks"
    assert send(reader, page, do="add", url="inbox:") == 303
    client.post(
        "/v2/incidents",
        headers=INCIDENT,
        json={
            "idempotency_key": "k",
            "name": "Checkout is slow",
            "visibility": "public",
            "severity_id": "01FC31EQM04W15VJSB8MKJV5NT",
        },
    ).raise_for_status()
    box = server.sandboxes.default.outbox
    (delivery,) = box.deliveries.values()
    text = look(f"/_mock/{page}").text
    assert delivery.event in text
    assert "verified" in text
    assert "Checkout is slow" in text
    assert send(reader, page, do="send-again", id=delivery.id) == 303
    assert len(box.inbox) == 2
    assert send(reader, page, do="empty") == 303
    assert len(box.inbox) == 0
    (target,) = box.targets
    assert send(reader, page, do="delete", id=target) == 303
    assert send(reader, page, do="delete", id=target) == 400
    assert send(reader, page, do="send-again", id="nope") == 400


def test_a_form_with_more_fields_than_any_is_not_read(reader: httpx.Client) -> None:
    body = "&".join(f"a{number}=1" for number in range(1_000))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for page in ("faults", "clock", "webhooks", "sandboxes", "state"):
        assert reader.post(f"/_mock/console/{page}", content=body, headers=headers).status_code == 400
        assert (
            reader.post(f"/_mock/console/{page}", content=b"x" * 70_000, headers=headers).status_code == 413
        )
