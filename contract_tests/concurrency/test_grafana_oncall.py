"""Several users of a Grafana OnCall at once: nothing is lost, doubled, torn or raised from the dead."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import LIST, MESSAGES, NOTES, Json, one
from contract_tests.guard.header import GUARD, as_a_skip
from contract_tests.judging import Judging
from contract_tests.shared import while_nobody_else_writes

T = TypeVar("T")

CROWD = 8
RESOURCES = pytest.mark.parametrize("resource", [LIST, NOTES, MESSAGES])


class Crowd:
    """One user on many connections. Deletes in the end what it has made."""

    def __init__(self, https: list[httpx.Client], token: str, groups: list[str], *, strict: bool) -> None:
        self._https, self._token, self._strict, self.groups = https, token, strict, groups
        self._made: list[str] = []

    def ask(self, turn: int, method: str, path: str, **request: Any) -> httpx.Response:
        answer = self._https[turn % CROWD].request(
            method, path, headers={"Authorization": self._token}, **request
        )
        if answer.status_code == 201:
            self._made.append(one(f"{urlsplit(path).path.rstrip('/')}/", answer.json()["id"]))
        said = answer.headers.get(GUARD, "")
        if said and not self._strict:
            pytest.skip(as_a_skip(said))
        if answer.status_code == 429 and not self._strict:
            pytest.skip("inconclusive: throttled: the target's rate limit is used up")
        assert answer.status_code < 500, f"{method} {path} answers {answer.status_code}"
        return answer

    def create(self, turn: int, resource: str, text: str, group: str = "") -> Json:
        body = {"alert_group_id": group or self.groups[0], "text": text}
        answer = self.ask(turn, "POST", resource, json=body)
        if answer.status_code == 404 and not self._strict:
            pytest.skip(f"not judged: there is no {resource}")
        assert answer.status_code == 201, answer.text
        created: Json = answer.json()
        return created

    def read(self, turn: int, resource: str, id_: str) -> Json | None:
        """None if it is not there."""
        answer = self.ask(turn, "GET", one(resource, id_))
        assert answer.status_code in (200, 404), answer.text
        shown: Json = answer.json()
        return shown if answer.status_code == 200 else None

    def page(self, turn: int, resource: str, **query: Any) -> Json:
        answer = self.ask(turn, "GET", resource, params=query)
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    def listed(self, resource: str) -> dict[str, Json]:
        """Of the first alert group, by their ids."""
        shown = self.page(0, resource, alert_group_id=self.groups[0], perpage=1000)
        assert len(shown["results"]) == shown["count"]
        return {row["id"]: row for row in shown["results"]}

    def theirs(self, resource: str) -> set[str] | None:
        """What other people have in that list; None on a mock of our own, where nobody else is."""
        own = {path.rstrip("/").rpartition("/")[2] for path in self._made}
        return None if self._strict else self.listed(resource).keys() - own

    def at_once(self, *tasks: Callable[[int], T]) -> list[T]:
        """All begin at the same moment, each on a connection of its own."""
        assert len(tasks) <= CROWD
        barrier = threading.Barrier(len(tasks))

        def run(turn: int) -> T:
            barrier.wait(timeout=20)
            return tasks[turn](turn)

        with ThreadPoolExecutor(len(tasks)) as pool:
            return list(pool.map(run, range(len(tasks))))

    def close(self) -> None:
        for path in self._made:
            self._https[0].delete(path, headers={"Authorization": self._token})


@pytest.fixture(scope="module")
def https(judging: Judging) -> Iterator[list[httpx.Client]]:
    """Clients that share no connection."""
    with ExitStack() as stack:
        clients = (judging.client(judging.base_url, frank=True) for _ in range(CROWD))
        yield [stack.enter_context(client) for client in clients]


@pytest.fixture
def crowd(https: list[httpx.Client], deployment: Deployment, strict: bool) -> Iterator[Crowd]:
    crowd = Crowd(https, deployment.need("oncall_token"), deployment.alert_groups(), strict=strict)
    try:
        yield crowd
    finally:
        crowd.close()


@RESOURCES
def test_of_creates_at_once_none_is_lost_and_none_is_doubled(crowd: Crowd, resource: str) -> None:
    def create(turn: int) -> list[Json]:
        return [crowd.create(turn, resource, f"{turn}-{number}") for number in range(5)]

    made = [created for several in crowd.at_once(*[create] * CROWD) for created in several]
    assert sorted(it["text"] for it in made) == sorted(f"{t}-{n}" for t in range(CROWD) for n in range(5))
    assert [id_ for id_, times in Counter(it["id"] for it in made).items() if times > 1] == []
    listed = crowd.listed(resource)
    assert [it for it in made if listed.get(it["id"], {}).get("text") != it["text"]] == []
    assert [it for it in made if (crowd.read(0, resource, it["id"]) or {}).get("text") != it["text"]] == []


@RESOURCES
def test_creates_of_one_user_stay_in_their_order(crowd: Crowd, resource: str) -> None:
    def create(turn: int) -> list[str]:
        return [crowd.create(turn, resource, f"{turn}-{number}")["id"] for number in range(5)]

    several = crowd.at_once(*[create] * 6)
    listed = list(crowd.listed(resource))
    for ids in several:
        assert [id_ for id_ in listed if id_ in ids] == ids


@RESOURCES
def test_of_updates_at_once_one_wins_and_every_reader_sees_a_whole_text(crowd: Crowd, resource: str) -> None:
    record = crowd.create(0, resource, "x" * 2000)
    sent = {letter * 2000 for letter in "xabcd"}

    def write(letter: str) -> Callable[[int], list[str]]:
        def task(turn: int) -> list[str]:
            seen = []
            for _ in range(5):
                answer = crowd.ask(turn, "PUT", one(resource, record["id"]), json={"text": letter * 2000})
                assert answer.status_code == 200, answer.text
                assert answer.json()["text"] == letter * 2000
                seen.append(answer.json()["text"])
            return seen

        return task

    def read(turn: int) -> list[str]:
        alone = [(crowd.read(turn, resource, record["id"]) or {}).get("text", "") for _ in range(5)]
        rows = crowd.page(turn, resource, alert_group_id=crowd.groups[0], perpage=1000)["results"]
        return [*alone, *(row["text"] for row in rows if row["id"] == record["id"])]

    seen = crowd.at_once(*map(write, "abcd"), read, read, read)
    torn = {text for texts in seen for text in texts} - sent
    assert not torn, f"texts that nobody sent: {[text[:40] for text in torn]}"
    final = crowd.read(0, resource, record["id"])
    assert final is not None
    assert final["text"] in sent - {"x" * 2000}
    assert crowd.listed(resource)[record["id"]] == final
    assert {name: final[name] for name in record if name != "text"} == {
        name: value for name, value in record.items() if name != "text"
    }


@RESOURCES
def test_updates_of_neighbours_at_once_are_all_kept(crowd: Crowd, resource: str) -> None:
    records = [crowd.create(0, resource, f"before {number}") for number in range(CROWD)]

    def write(turn: int) -> None:
        for number in range(4):
            path = one(resource, records[turn]["id"])
            answer = crowd.ask(turn, ("PUT", "PATCH")[number % 2], path, json={"text": f"{turn}-{number}"})
            assert answer.json()["text"] == f"{turn}-{number}"
            assert (crowd.read(turn, resource, records[turn]["id"]) or {}).get("text") == f"{turn}-{number}"

    crowd.at_once(*[write] * CROWD)
    listed = crowd.listed(resource)
    assert [listed[record["id"]]["text"] for record in records] == [f"{turn}-3" for turn in range(CROWD)]


def walk(crowd: Crowd, turn: int, resource: str) -> list[str]:
    """Follows next to the end. What is made meanwhile comes after all else in its alert group, and no group's are
    before the last one's, so that no row moves to another page.
    """
    met: list[str] = []
    query: dict[str, Any] = {"alert_group_id": crowd.groups[0], "perpage": 7}
    for _ in range(40):
        shown = crowd.page(turn, resource, **query)
        assert len(shown["results"]) <= 7
        met += [row["id"] for row in shown["results"]]
        if shown["next"] is None:
            return met
        query = dict(parse_qsl(urlsplit(shown["next"]).query))
    raise AssertionError("the pages have no end")


def what_others_have(arguments: dict[str, Any]) -> object | None:
    """What they take away meanwhile moves rows to pages that somebody who walks has left."""
    crowd: Crowd = arguments["crowd"]
    return crowd.theirs(arguments["resource"])


@while_nobody_else_writes(what_others_have)
@RESOURCES
def test_who_walks_while_others_create_misses_nobody_and_meets_nobody_twice(
    crowd: Crowd, resource: str
) -> None:
    before = [crowd.create(0, resource, f"row {number}")["id"] for number in range(16)]

    def create(turn: int) -> list[str]:
        return [crowd.create(turn, resource, f"{turn}-{number}")["id"] for number in range(8)]

    def walk_along(turn: int) -> list[str]:
        return walk(crowd, turn, resource)

    for met in crowd.at_once(walk_along, create, walk_along, create, walk_along)[0::2]:
        assert [id_ for id_, times in Counter(met).items() if times > 1] == []
        assert [id_ for id_ in met if id_ in before] == before


@RESOURCES
def test_every_page_agrees_with_itself_while_others_create_and_delete(crowd: Crowd, resource: str) -> None:
    kept = [crowd.create(0, resource, f"row {number}")["id"] for number in range(6)]

    def come_and_go(turn: int) -> None:
        for number in range(6):
            created = crowd.create(turn, resource, f"{turn}-{number}")
            assert crowd.ask(turn, "DELETE", one(resource, created["id"])).status_code == 204
            assert crowd.read(turn, resource, created["id"]) is None

    def look(turn: int) -> None:
        for _ in range(8):
            shown = crowd.page(turn, resource, alert_group_id=crowd.groups[0], perpage=1000)
            ids = [row["id"] for row in shown["results"]]
            assert len(ids) == len(set(ids)) == shown["count"]
            assert [id_ for id_ in ids if id_ in kept] == kept

    crowd.at_once(come_and_go, look, come_and_go, look, come_and_go, look)
    assert set(kept) <= set(crowd.listed(resource))


@pytest.mark.parametrize("attempt", range(4))
@RESOURCES
def test_of_deletes_at_once_exactly_one_is_done(crowd: Crowd, resource: str, attempt: int) -> None:
    path = one(resource, crowd.create(attempt, resource, "to be deleted")["id"])

    def delete(turn: int) -> int:
        return crowd.ask(turn, "DELETE", path).status_code

    assert sorted(crowd.at_once(*[delete] * CROWD)) == [204] + [404] * (CROWD - 1)
    assert crowd.ask(0, "GET", path).status_code == 404


@pytest.mark.parametrize("writers", [3, 4, 5, 7])
@RESOURCES
def test_what_is_deleted_while_it_is_updated_stays_deleted(crowd: Crowd, resource: str, writers: int) -> None:
    record = crowd.create(0, resource, "between life and death")
    path = one(resource, record["id"])

    def write(turn: int) -> list[int]:
        methods = ("PUT", "PATCH", "PUT")
        return [crowd.ask(turn, method, path, json={"text": f"{turn}"}).status_code for method in methods]

    def delete(turn: int) -> list[int]:
        return [crowd.ask(turn, "DELETE", path).status_code]

    *written, deleted = crowd.at_once(*[write] * writers, delete)
    assert deleted == [204]
    for statuses in written:
        assert statuses == sorted(statuses), "found again after it was gone"
        assert set(statuses) <= {200, 404}
    assert crowd.ask(0, "GET", path).status_code == 404
    assert record["id"] not in crowd.listed(resource)


def test_a_message_is_the_same_under_both_its_names_while_both_are_written(crowd: Crowd) -> None:
    record = crowd.create(0, NOTES, "before")

    def write(turn: int) -> None:
        for number in range(5):
            resource = (NOTES, MESSAGES)[turn % 2]
            answer = crowd.ask(turn, "PUT", one(resource, record["id"]), json={"text": f"{turn}-{number}"})
            assert (answer.status_code, answer.json()["text"]) == (200, f"{turn}-{number}")

    crowd.at_once(*[write] * 6)
    note, message = (crowd.read(0, resource, record["id"]) for resource in (NOTES, MESSAGES))
    assert note is not None
    assert message is not None
    assert note["text"] == message["text"]
    assert note["text"] in {f"{turn}-4" for turn in range(6)}
