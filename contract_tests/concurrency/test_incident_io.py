"""Documents and incidents of incident.io, written and read at the same time: nothing is lost, made twice or torn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from threading import Event
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contract_tests.concurrency.incident_io_crowd import Crowd, answer, at, gathered, ids, walk
from contract_tests.judging import Judging
from contract_tests.shared import alike

Json = dict[str, Any]
DOCUMENTS, INCIDENTS, UPDATES = "/v1/postmortem_documents", "/v2/incidents", "/v2/incident_updates"
AT_FIRST = {"status": "in_progress", "type": "in_app", "exported_urls": [], "editors": []}


@pytest.fixture(scope="module")
def crowd(judging: Judging) -> Iterator[Crowd]:
    with gathered(judging) as found:
        yield found


@pytest.fixture
def http(crowd: Crowd) -> httpx.Client:
    return crowd.http


def opened(http: httpx.Client, strict: bool, **more: Any) -> Json:
    severities = answer(http.get("/v1/severities"), 200, strict=strict)["severities"]
    body = {
        "idempotency_key": uuid4().hex,
        "visibility": "public",
        "mode": "test",
        "name": "Contract test of many at once",
        "severity_id": severities[0]["id"],
        **more,
    }
    incident: Json = answer(http.post(INCIDENTS, json=body), 200, strict=strict)["incident"]
    return incident


def imported(client: httpx.Client, incident: str, title: str) -> httpx.Response:
    body = {"title": title, "content": f"## Summary\n\nText of {title} as a whole.\n"}
    return client.post(f"{INCIDENTS}/{incident}/actions/import_postmortem_document", json=body)


def test_imports_at_once_make_a_document_each(http: httpx.Client, crowd: Crowd, strict: bool) -> None:
    incidents = [opened(http, strict) for _ in range(2)]

    def act(client: httpx.Client, number: int) -> httpx.Response:
        # Most into the first, so that it is crowded; some into the other.
        return imported(client, incidents[number % 4 == 3]["id"], f"number {number}")

    answers = crowd.together(act, 4)
    made = [answer(response, 201, strict=strict)["postmortem_document"] for response in answers]
    sent = {f"number {number}" for number in range(4 * crowd.threads)}
    assert {document["title"] for document in made} == sent
    assert len(set(ids(made))) == len(made), "an id is that of two documents"
    for response, document in zip(answers, made, strict=True):
        assert document | AT_FIRST == document
        assert response.headers["Location"].endswith(document["id"])
        assert document["document_url"].endswith(document["id"])
        expected = incidents[int(document["title"].split()[1]) % 4 == 3]["id"]
        assert document["incident_id"] == expected
    for incident in incidents:
        own = {document["id"]: document for document in made if document["incident_id"] == incident["id"]}
        listed = walk(http, DOCUMENTS, "postmortem_documents", 5, incident_id=incident["id"])
        assert len(listed) == len(own)
        assert set(ids(listed)) == own.keys()
        assert all(alike(it, own[it["id"]], strict=strict) for it in listed)
        times = [at(document) for document in listed]
        assert times == sorted(times, reverse=True)
        shown = http.get(f"{INCIDENTS}/{incident['id']}").json()["incident"]
        assert sorted(shown["postmortem_document_ids"]) == sorted(own)
        assert shown["postmortem_document_url"] in {document["document_url"] for document in own.values()}
    for document in made[:: max(1, len(made) // 8)]:
        markdown = http.get(f"{DOCUMENTS}/{document['id']}/content").json()["markdown"]
        title = document["title"]
        assert title in markdown
        assert f"Text of {title} as a whole." in markdown


def test_a_status_moved_at_once_is_one_that_was_sent_and_the_same_everywhere(
    http: httpx.Client, crowd: Crowd, strict: bool
) -> None:
    incident = opened(http, strict)
    documents = [
        answer(imported(http, incident["id"], f"of {number}"), 201, strict=strict)["postmortem_document"]
        for number in range(3)
    ]
    statuses = ("in_review", "completed")

    def act(client: httpx.Client, number: int) -> httpx.Response:
        document = documents[number % 2]["id"]
        return client.put(f"{DOCUMENTS}/{document}", json={"status": statuses[number // 2 % 2]})

    for response in crowd.together(act, 4):
        moved = answer(response, 200, strict=strict)["postmortem_document"]
        before = next(document for document in documents if document["id"] == moved["id"])
        assert moved["status"] in statuses
        moved |= {"status": "in_progress", "updated_at": before["updated_at"]}
        assert alike(moved, before, strict=strict)
    shown = [http.get(f"{DOCUMENTS}/{one['id']}").json()["postmortem_document"] for one in documents]
    assert {one["status"] for one in shown[:2]} <= set(statuses)
    assert alike(shown[2], documents[2], strict=strict)
    listed = walk(http, DOCUMENTS, "postmortem_documents", 2, incident_id=incident["id"])
    assert alike(listed, shown[::-1], strict=strict)


def test_each_of_several_documents_moved_at_once_keeps_its_own_status(
    http: httpx.Client, crowd: Crowd, strict: bool
) -> None:
    incident = opened(http, strict)["id"]
    documents = [
        answer(imported(http, incident, f"own {number}"), 201, strict=strict)["postmortem_document"]["id"]
        for number in range(crowd.threads)
    ]
    statuses = ("in_review", "completed")

    def act(client: httpx.Client, number: int) -> httpx.Response:
        place, turn = number % crowd.threads, number // crowd.threads
        status = statuses[(place + turn) % 2]
        return client.put(f"{DOCUMENTS}/{documents[place]}", json={"status": status})

    for response in crowd.together(act, 4):
        answer(response, 200, strict=strict)
    shown = [http.get(f"{DOCUMENTS}/{id_}").json()["postmortem_document"]["status"] for id_ in documents]
    assert shown == [statuses[(place + 3) % 2] for place in range(crowd.threads)]


def test_pages_hold_everything_once_while_others_write(
    http: httpx.Client, crowd: Crowd, strict: bool
) -> None:
    incident = opened(http, strict)["id"]
    before = [
        answer(imported(http, incident, f"before {number}"), 201, strict=strict)["postmortem_document"]["id"]
        for number in range(12)
    ]
    read = Event()
    writers = max(1, crowd.threads // 2)

    def write(client: httpx.Client) -> list[str]:
        made = []
        for number in range(12):
            made.append(answer(imported(client, incident, f"while {number}"), 201, strict=strict)[
                "postmortem_document"
            ]["id"])  # fmt: skip
            if read.is_set():
                break
        return made

    def look(client: httpx.Client) -> list[str]:
        order = ("created_at_newest_first", "created_at_oldest_first")
        try:
            for turn in range(3):
                found = ids(
                    walk(
                        client,
                        DOCUMENTS,
                        "postmortem_documents",
                        3,
                        incident_id=incident,
                        sort_by=order[turn % 2],
                    )
                )
                assert len(set(found)) == len(found), "a record on two pages"
                old = [one for one in found if one in before]
                assert old == (before, before[::-1])[turn % 2 == 0], "a record was missed, or out of order"
        finally:
            read.set()
        return []

    readers = crowd.threads - writers
    results = crowd.at_once(*[write] * writers, *[look] * readers)
    made = [one for result in results for one in result]
    found = ids(walk(http, DOCUMENTS, "postmortem_documents", 7, incident_id=incident))
    assert sorted(found) == sorted(before + made)


def test_one_idempotency_key_at_once_opens_one_incident(
    http: httpx.Client, crowd: Crowd, strict: bool
) -> None:
    key = uuid4().hex
    severity = answer(http.get("/v1/severities"), 200, strict=strict)["severities"][0]["id"]

    def act(client: httpx.Client, number: int) -> httpx.Response:
        body = {
            "idempotency_key": f"{key}-{number // crowd.threads}",
            "visibility": "public",
            "mode": "test",
            "name": "Contract test of one key",
            "severity_id": severity,
        }
        return client.post(INCIDENTS, json=body)

    made = [answer(response, 200, strict=strict)["incident"] for response in crowd.together(act, 2)]
    assert len(set(ids(made))) == 2, "one key opened several incidents"
    listed = walk(http, INCIDENTS, "incidents", 100, **{"mode[one_of]": "test"})
    assert sorted(one["id"] for one in listed if one["id"] in ids(made)) == sorted(set(ids(made)))
    first = made[0]["id"]
    for response in crowd.together(
        lambda client, _: client.post(
            UPDATES, json={"idempotency_key": key, "incident_id": first, "message": "Once"}
        )
    ):
        answer(response, 201, strict=strict)
    updates = walk(http, UPDATES, "incident_updates", 3, incident_id=first)
    assert [one["message"] for one in updates if "message" in one] == ["Once"]


def test_incidents_opened_at_once_have_a_number_each(http: httpx.Client, crowd: Crowd, strict: bool) -> None:
    severity = answer(http.get("/v1/severities"), 200, strict=strict)["severities"][0]["id"]

    def act(client: httpx.Client, number: int) -> Json:
        body = {
            "idempotency_key": uuid4().hex,
            "visibility": "public",
            "mode": "test",
            "name": f"Contract test number {number}",
            "severity_id": severity,
        }
        opened_: Json = answer(client.post(INCIDENTS, json=body), 200, strict=strict)["incident"]
        assert opened_["name"] == body["name"]
        return opened_

    made = crowd.together(act, 2)
    for member in ("id", "reference", "permalink"):
        assert len({one[member] for one in made}) == len(made), f"two incidents with the same {member}"
    for one in made:
        assert alike(http.get(f"{INCIDENTS}/{one['id']}").json()["incident"], one, strict=strict)
        assert len(walk(http, UPDATES, "incident_updates", 5, incident_id=one["id"])) == 1


def test_updates_shared_at_once_are_all_told(http: httpx.Client, crowd: Crowd, strict: bool) -> None:
    incident = opened(http, strict)["id"]

    def act(client: httpx.Client, number: int) -> Json:
        body = {"idempotency_key": uuid4().hex, "incident_id": incident, "message": f"number {number}"}
        told: Json = answer(client.post(UPDATES, json=body), 201, strict=strict)["incident_update"]
        assert told["message"] == f"number {number}"
        return told

    made = crowd.together(act, 3)
    listed = walk(http, UPDATES, "incident_updates", 4, incident_id=incident)
    assert len(set(ids(made))) == len(made)
    assert sorted(ids(listed)[1:]) == sorted(ids(made))
    times = [at(one) for one in listed]
    assert all(early <= late for early, late in pairwise(times))


def test_edits_of_different_members_at_once_are_all_kept(
    http: httpx.Client, crowd: Crowd, strict: bool
) -> None:
    for turn in range(4):
        incident = opened(http, strict)["id"]
        changes = {"name": f"Contract test, turn {turn}", "summary": f"Summary {turn}"}

        def edit(member: str) -> Callable[[httpx.Client], httpx.Response]:
            body = {"incident": {member: changes[member]}, "notify_incident_channel": False}  # noqa: B023
            return lambda client: client.post(f"{INCIDENTS}/{incident}/actions/edit", json=body)  # noqa: B023

        for response in crowd.at_once(edit("name"), edit("summary")):
            answer(response, 200, strict=strict)
        after = http.get(f"{INCIDENTS}/{incident}").json()["incident"]
        assert {member: after[member] for member in changes} == changes, "an edit undid another"
