"""Follow-ups of incident.io, written and read at the same time: nothing is lost, made twice, torn or brought back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contract_tests.concurrency.incident_io_crowd import Crowd, answer, at, gathered, ids, walk
from contract_tests.deployment import Deployment
from contract_tests.judging import Judging
from contract_tests.shared import alike

Json = dict[str, Any]
FOLLOW_UPS = "/v3/follow_ups"


@pytest.fixture(scope="module")
def crowd(judging: Judging) -> Iterator[Crowd]:
    with gathered(judging) as found:
        yield found


@pytest.fixture
def http(crowd: Crowd) -> httpx.Client:
    return crowd.http


@pytest.fixture
def follow_ups(http: httpx.Client) -> Iterator[list[str]]:
    """Those that are made go again."""
    made: list[str] = []
    yield made
    for id_ in made:
        http.delete(f"{FOLLOW_UPS}/{id_}")


def test_follow_ups_made_at_once_are_all_there(
    http: httpx.Client, crowd: Crowd, deployment: Deployment, follow_ups: list[str], strict: bool
) -> None:
    incident = deployment.need("incident_id")

    def act(client: httpx.Client, number: int) -> httpx.Response:
        body = {"incident_id": incident, "title": f"number {number}", "labels": [str(number)]}
        return client.post(FOLLOW_UPS, json=body)

    made = [answer(response, 201, strict=strict)["follow_up"] for response in crowd.together(act, 5)]
    follow_ups += ids(made)
    assert len(set(ids(made))) == 5 * crowd.threads, "an id is that of two follow-ups"
    assert {one["title"] for one in made} == {f"number {number}" for number in range(5 * crowd.threads)}
    assert all(one["labels"] == [one["title"].split()[1]] for one in made)
    listed = walk(http, FOLLOW_UPS, "follow_ups", 7, incident_id=incident)
    assert len(set(ids(listed))) == len(listed)
    known = {one["id"]: one for one in listed}
    assert alike([known.get(one["id"]) for one in made], made, strict=strict)


def test_changes_of_one_follow_up_at_once_leave_one_of_them_whole(
    http: httpx.Client, crowd: Crowd, deployment: Deployment, follow_ups: list[str], strict: bool
) -> None:
    incident = deployment.need("incident_id")
    body: Json = {"incident_id": incident, "title": "at first", "labels": ["at first"]}
    made, sibling = (
        answer(http.post(FOLLOW_UPS, json=body), 201, strict=strict)["follow_up"] for _ in range(2)
    )
    follow_ups += ids([made, sibling])
    path = f"{FOLLOW_UPS}/{made['id']}"

    def act(client: httpx.Client, number: int) -> tuple[httpx.Response, httpx.Response]:
        text = f"change {number} " + str(number % 10) * 500
        changes: Json = {"title": text, "description": text, "labels": [text], "status": "outstanding"}
        return client.put(path, json=changes), client.get(path)

    def whole(follow_up: Json) -> str:
        assert follow_up["labels"] == [follow_up["title"]], "parts of two changes"
        if follow_up["title"] != "at first":
            assert follow_up["description"] == follow_up["title"], "parts of two changes"
        title: str = follow_up["title"]
        return title

    answered = crowd.together(act, 4)
    sent = set()
    for put, get in answered:
        changed = answer(put, 200, strict=strict)["follow_up"]
        assert changed["id"] == made["id"]
        sent.add(whole(changed))
        whole(answer(get, 200, strict=strict)["follow_up"])
    assert len(sent) == 4 * crowd.threads, "a change was answered with what somebody else sent"
    final = http.get(path).json()["follow_up"]
    assert whole(final) in sent
    assert final["created_at"] == made["created_at"]
    listed = {one["id"]: one for one in walk(http, FOLLOW_UPS, "follow_ups", 250, incident_id=incident)}
    assert alike(listed[made["id"]], final, strict=strict)
    assert alike(listed[sibling["id"]], sibling, strict=strict)
    last_moved = max(at(put.json()["follow_up"], "updated_at") for put, _ in answered)
    assert at(final, "updated_at") == last_moved, "an earlier change came back"


def test_a_change_that_was_answered_is_read_back_by_who_made_it(
    http: httpx.Client, crowd: Crowd, deployment: Deployment, follow_ups: list[str], strict: bool
) -> None:
    """Each client has a follow-up of its own: what others do at the same time has no effect on it."""
    incident = deployment.need("incident_id")
    for number in range(crowd.threads):
        body = {"incident_id": incident, "title": f"of {number}"}
        follow_ups.append(answer(http.post(FOLLOW_UPS, json=body), 201, strict=strict)["follow_up"]["id"])

    def act(client: httpx.Client, number: int) -> tuple[Json, Json]:
        path = f"{FOLLOW_UPS}/{follow_ups[number % crowd.threads]}"
        changes = {"title": f"turn {number}", "status": ("outstanding", "not_doing")[number % 2]}
        changed = answer(client.put(path, json=changes), 200, strict=strict)["follow_up"]
        assert changed["title"] == f"turn {number}"
        return changed, answer(client.get(path), 200, strict=strict)["follow_up"]

    for changed, shown in crowd.together(act, 5):
        assert alike(shown, changed, strict=strict)


def test_follow_up_pages_hold_everything_once_while_others_write(
    http: httpx.Client, crowd: Crowd, deployment: Deployment, follow_ups: list[str], strict: bool
) -> None:
    incident = deployment.need("incident_id")

    def make(client: httpx.Client, title: str) -> str:
        body = {"incident_id": incident, "title": title}
        made: str = answer(client.post(FOLLOW_UPS, json=body), 201, strict=strict)["follow_up"]["id"]
        return made

    before = [make(http, f"before {number}") for number in range(8)]
    follow_ups += before

    def write(client: httpx.Client) -> list[str]:
        made = [make(client, f"while {number}") for number in range(6)]
        follow_ups.extend(made)
        client.put(f"{FOLLOW_UPS}/{made[0]}", json={"title": "changed", "status": "completed"})
        client.delete(f"{FOLLOW_UPS}/{made[1]}")
        return made

    def look(client: httpx.Client) -> list[str]:
        found = ids(walk(client, FOLLOW_UPS, "follow_ups", 5, incident_id=incident))
        assert found == sorted(set(found)), "a record on two pages, or out of order"
        assert [one for one in found if one in before] == before, "a record was missed"
        return []

    writers = max(1, crowd.threads // 2)
    crowd.at_once(*[write] * writers, *[look] * (crowd.threads - writers))


def test_a_follow_up_deleted_and_changed_at_once_is_the_same_everywhere(
    http: httpx.Client, crowd: Crowd, deployment: Deployment, follow_ups: list[str], strict: bool
) -> None:
    """Which comes last, nobody can tell; but once both were answered, nothing moves any more."""
    incident = deployment.need("incident_id")
    for turn in range(6):
        body = {"incident_id": incident, "title": f"turn {turn}"}
        id_ = answer(http.post(FOLLOW_UPS, json=body), 201, strict=strict)["follow_up"]["id"]
        follow_ups.append(id_)
        path, changes = f"{FOLLOW_UPS}/{id_}", {"title": "changed", "status": "completed"}
        deleted, changed = crowd.at_once(
            lambda client: client.delete(path),  # noqa: B023
            lambda client: client.put(path, json=changes),  # noqa: B023
        )
        answer(deleted, 204, strict=strict)
        answer(changed, 200, 404, 409, 422, strict=strict)
        shown = http.get(path)
        if shown.status_code == 404:
            assert changed.status_code in (200, 404)
            continue
        final = shown.json()["follow_up"]
        if final["status"] != "deleted":
            assert changed.status_code == 200
            assert final["title"] == "changed"
        assert http.get(path).json()["follow_up"] == final
        listed = walk(http, FOLLOW_UPS, "follow_ups", 250, incident_id=incident)
        assert alike(next(one for one in listed if one["id"] == id_), final, strict=strict)
        answer(http.delete(path), 204, 404, strict=strict)
        again = http.get(path)
        assert again.status_code == 404 or again.json()["follow_up"]["status"] == "deleted"
