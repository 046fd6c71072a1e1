"""Servers that know nothing of each other but the Redis server that both were told to use."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.shared.served import PATIENCE, Served, serving
from tests.shared.storecluster import store_cluster
from tests.shared.storeserver import StoreServer, needs_server, store_server
from tests.shared.team import DOCUMENTS, IMPORT, POSTMORTEMS

pytestmark = needs_server

KEY = {"Authorization": "Bearer inc-test-key"}
TOKEN = {"Authorization": "meowmeowmeow"}
CLIENT = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), timeout=PATIENCE)
# A patience of the store's, and then some for a busy machine; a hang would be longer than that.
BOUND = 10


@pytest.fixture(scope="module")
def store() -> Iterator[StoreServer]:
    with store_server() as server:
        yield server


@pytest.fixture(scope="module")
def pair(store: StoreServer) -> Iterator[tuple[Served, Served]]:
    """One with two workers, one with one."""
    with (
        serving("--store", store.url, "--workers", "2") as one,
        serving("--store", store.url) as other,
    ):
        yield one, other


def create(base: str, title: str) -> httpx.Response:
    body = {"title": title, "content": "## What happened"}
    return CLIENT.post(f"{base}{IMPORT}", json=body, headers=KEY)


def titles(base: str) -> Counter[str]:
    found: Counter[str] = Counter()
    url = after = f"{base}{DOCUMENTS}?page_size=250"
    while True:
        page = CLIENT.get(after, headers=KEY).json()
        found.update(document["title"] for document in page["postmortem_documents"])
        next_one = page["pagination_meta"].get("after")
        if not next_one:
            return found
        after = f"{url}&after={next_one}"


def sandboxed(pair: tuple[Served, Served], name: str) -> tuple[str, str]:
    one, other = (f"{served.base_url}/_mock/sandboxes/{name}" for served in pair)
    return one, other


def until(there: Callable[[], bool]) -> None:
    """Asks again and again, for a bounded time."""
    ends = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < ends, "it never came to be"


def test_what_is_written_to_one_is_read_from_the_other(pair: tuple[Served, Served]) -> None:
    one, other = sandboxed(pair, "written")
    for number in range(6):
        assert create((one, other)[number % 2], f"n{number}").status_code == 201
    assert titles(one) == titles(other)
    assert titles(one).keys() >= {f"n{number}" for number in range(6)}


def test_what_both_write_at_once_both_have_once(pair: tuple[Served, Served]) -> None:
    bases = sandboxed(pair, "at-once")
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda number: create(bases[number % 2], f"n{number}"), range(60))
    assert Counter(answer.status_code for answer in answers) == {201: 60}
    one, other = map(titles, bases)
    assert one == other
    assert {title: number for title, number in one.items() if title.startswith("n")} == {
        f"n{number}": 1 for number in range(60)
    }


def test_the_journal_of_both_is_seen_from_either(pair: tuple[Served, Served]) -> None:
    bases = sandboxed(pair, "journal")
    for base in bases * 3:
        assert CLIENT.get(f"{base}{POSTMORTEMS}", headers=TOKEN).status_code == 200
    for base in bases:
        assert CLIENT.get(f"{base}/_mock/journal/count").json() == {"count": 6}
    entries = CLIENT.get(f"{bases[0]}/_mock/journal").json()["entries"]
    for base in bases:
        for entry in entries:
            assert CLIENT.get(f"{base}/_mock/explain/{entry['id']}").status_code == 200


def test_a_fault_counts_the_requests_to_both(pair: tuple[Served, Served]) -> None:
    bases = sandboxed(pair, "faults")
    rule = {"id": "third", "match": {"path": "/api/*", "every": 3}, "act": {"status": 503}}
    assert CLIENT.post(f"{bases[0]}/_mock/faults", json=rule).status_code == 201
    statuses = [CLIENT.get(f"{base}{POSTMORTEMS}", headers=TOKEN).status_code for base in bases * 3]
    assert statuses == [200, 200, 503] * 2


def test_a_reset_of_one_reaches_the_other(pair: tuple[Served, Served]) -> None:
    one, other = sandboxed(pair, "reset")
    create(one, "gone")
    assert "gone" in titles(other)
    assert CLIENT.post(f"{one}/_mock/reset").status_code == 204
    assert "gone" not in titles(other)


def test_a_replica_that_comes_later_finds_everything(store: StoreServer, pair: tuple[Served, Served]) -> None:
    one, _ = sandboxed(pair, "later")
    create(one, "kept")
    with serving("--store", store.url) as third:
        assert titles(f"{third.base_url}/_mock/sandboxes/later")["kept"] == 1


def test_a_restart_of_the_store_in_mid_write_loses_no_acknowledged_write() -> None:
    with store_server() as store, serving("--store", store.url, "--workers", "2") as served:
        answered: dict[str, httpx.Response] = {}
        halfway = threading.Event()

        def write(thread: int) -> None:
            for number in range(100):
                title = f"{thread}/{number}"
                answered[title] = create(served.base_url, title)
                if len(answered) > 100:
                    halfway.set()

        def restart() -> None:
            halfway.wait(PATIENCE)
            store.kill()
            store.start()

        restarter = threading.Thread(target=restart)
        restarter.start()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))
        restarter.join()
        until(lambda: create(served.base_url, "after").status_code == 201)
        statuses = Counter(answer.status_code for answer in answered.values())
        acknowledged = {title for title, answer in answered.items() if answer.status_code == 201}
        assert set(statuses) <= {201, 500}
        assert len(acknowledged) >= 100
        found = titles(served.base_url)
        assert acknowledged <= found.keys()
        assert {number for title, number in found.items() if "/" in title} == {1}
        refused = [answer.json() for answer in answered.values() if answer.status_code == 500]
        assert all((body["status"], body["type"]) == (500, "api_error") for body in refused)


@pytest.mark.parametrize("how", ["halt", "stop"])
def test_without_its_store_a_server_answers_in_the_vendors_words_and_goes_on_afterwards(how: str) -> None:
    with store_server() as store, serving("--store", store.url) as served:
        assert create(served.base_url, "before").status_code == 201
        before = titles(served.base_url)
        store.halt() if how == "halt" else store.stop()
        started = time.monotonic()
        lost = create(served.base_url, "lost")
        assert (lost.status_code, lost.json()["type"]) == (500, "api_error")
        oncall = CLIENT.get(f"{served.base_url}{POSTMORTEMS}", headers=TOKEN)
        assert (oncall.status_code, oncall.headers["content-type"]) == (500, "text/html; charset=utf-8")
        assert CLIENT.get(f"{served.base_url}/_mock/journal").status_code == 503
        assert CLIENT.post(f"{served.base_url}/_mock/reset").status_code == 503
        assert time.monotonic() - started < BOUND
        store.go_on() if how == "halt" else store.start()
        until(lambda: CLIENT.get(f"{served.base_url}{POSTMORTEMS}", headers=TOKEN).status_code == 200)
        after = titles(served.base_url)
        # A server that was halted may find what it was told before, and do it.
        assert not before - after
        assert set(after - before) <= ({"lost"} if how == "halt" else set())
        assert create(served.base_url, "after").status_code == 201


def test_sandboxes_of_one_server_are_spread_over_a_cluster() -> None:
    with (
        store_cluster() as cluster,
        serving("--store", cluster.url) as one,
        serving("--store", cluster.url) as other,
    ):
        for number in range(6):
            written, read = sandboxed((one, other), f"box-{number}")
            assert create(written, f"n{number}").status_code == 201
            assert titles(read)[f"n{number}"] == 1
            assert CLIENT.get(f"{read}/_mock/journal/count").json() == {"count": 2}
        listed = CLIENT.get(f"{one.base_url}/_mock/sandboxes").json()
        assert {box["name"] for box in listed} == {"default", *(f"box-{number}" for number in range(6))}


def test_a_store_that_is_not_there_or_holds_something_else_is_one_sentence(store: StoreServer) -> None:
    with serving("--store", store.url + "?prefix=seeded", "--seed", "1"):
        pass
    for url, problem in (
        ("unix:///nowhere/socket", "--store: unix:///nowhere/socket"),
        (store.url + "?prefix=seeded", "holds the state of another version"),
    ):
        command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--store", url]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
        assert problem in ended.stderr
