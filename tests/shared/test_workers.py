from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.shared.served import PATIENCE, STORES, Served, serving, store_flags
from tests.shared.team import DOCUMENTS, IMPORT, POSTMORTEMS

KEY = {"Authorization": "Bearer inc-test-key"}
TOKEN = {"Authorization": "meowmeowmeow"}
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for workers in /proc")
# Every request over a connection of its own, so that it comes to whichever worker accepts it.
CLIENT = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), timeout=PATIENCE)


@pytest.fixture(scope="module", params=STORES)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with store_flags(request.param) as flags, serving("--workers", "3", *flags) as served:
        yield served


def sandboxed(served: Served, name: str) -> str:
    """Each test has its own, as the server is for all of them."""
    return f"{served.base_url}/_mock/sandboxes/{name}"


def everywhere(url: str, headers: dict[str, str] | None = None, times: int = 24) -> list[httpx.Response]:
    def get(_: int) -> httpx.Response:
        return CLIENT.get(url, headers=headers)

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(get, range(times)))


def create(base: str, title: str) -> httpx.Response:
    body = {"title": title, "content": "## What happened"}
    return CLIENT.post(f"{base}{IMPORT}", json=body, headers=KEY)


def titles(base: str) -> Counter[str]:
    answer = CLIENT.get(f"{base}{DOCUMENTS}", params={"page_size": 250}, headers=KEY)
    return Counter(document["title"] for document in answer.json()["postmortem_documents"])


def test_what_many_write_at_once_all_workers_have_once(served: Served) -> None:
    base = sandboxed(served, "at-once")
    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(
            answer.status_code for answer in pool.map(lambda n: create(base, f"n{n}"), range(60))
        )
    assert statuses == {201: 60}
    answers = {answer.content for answer in everywhere(f"{base}{DOCUMENTS}?page_size=250", KEY)}
    assert len(answers) == 1
    found = titles(base)
    assert {title: number for title, number in found.items() if title.startswith("n")} == {
        f"n{n}": 1 for n in range(60)
    }


def test_the_journal_is_whole_whichever_worker_is_asked(served: Served) -> None:
    base = sandboxed(served, "journal")
    everywhere(f"{base}{POSTMORTEMS}", TOKEN)
    counts = {answer.json()["count"] for answer in everywhere(f"{base}/_mock/journal/count")}
    assert counts == {24}
    [*_, entry] = CLIENT.get(f"{base}/_mock/journal?limit=24").json()["entries"]
    explained = {answer.json()["decided"] for answer in everywhere(f"{base}/_mock/explain/{entry['id']}")}
    assert len(explained) == 1
    assert CLIENT.delete(f"{base}/_mock/journal").status_code == 204
    assert {answer.json()["count"] for answer in everywhere(f"{base}/_mock/journal/count")} == {0}


def test_a_fault_counts_the_requests_to_all_workers(served: Served) -> None:
    base = sandboxed(served, "faults")
    rule = {"id": "third", "match": {"path": "/api/*", "every": 3}, "act": {"status": 503}}
    assert CLIENT.post(f"{base}/_mock/faults", json=rule).status_code == 201
    statuses = Counter(answer.status_code for answer in everywhere(f"{base}{POSTMORTEMS}", TOKEN))
    assert statuses == {200: 16, 503: 8}
    [shown] = CLIENT.get(f"{base}/_mock/faults").json()["rules"]
    assert (shown["seen"], shown["hit"]) == (24, 8)


def test_a_clock_that_is_stopped_stands_still_in_all_workers(served: Served) -> None:
    base = sandboxed(served, "clock")
    still = CLIENT.put(f"{base}/_mock/clock", json={"frozen": True}).json()["now"]
    assert {answer.json()["now"] for answer in everywhere(f"{base}/_mock/clock")} == {still}


def test_a_reset_a_snapshot_and_its_return_reach_all_workers(served: Served) -> None:
    base = sandboxed(served, "reset")
    fresh = CLIENT.get(f"{base}{DOCUMENTS}", headers=KEY).content
    create(base, "kept")
    kept = CLIENT.get(f"{base}{DOCUMENTS}", headers=KEY).content
    assert CLIENT.put(f"{base}/_mock/snapshots/before").status_code == 201
    assert CLIENT.post(f"{base}/_mock/reset").status_code == 204
    assert {answer.content for answer in everywhere(f"{base}{DOCUMENTS}", KEY)} == {fresh}
    assert CLIENT.post(f"{base}/_mock/snapshots/before/restore").status_code == 204
    assert {answer.content for answer in everywhere(f"{base}{DOCUMENTS}", KEY)} == {kept}


def test_each_webhook_is_delivered_once_and_seen_from_all_workers(served: Served) -> None:
    base = sandboxed(served, "webhooks")
    assert CLIENT.post(f"{base}/_mock/webhooks/targets", json={"url": "inbox:"}).status_code == 201
    severity = CLIENT.get(f"{base}/v1/severities", headers=KEY).json()["severities"][0]["id"]

    def declare(number: int) -> int:
        body = {"idempotency_key": f"k{number}", "visibility": "public", "severity_id": severity}
        return CLIENT.post(f"{base}/v2/incidents", json=body, headers=KEY).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(declare, range(12))) == {200}
    for answer in everywhere(f"{base}/_mock/inbox"):
        ids = [message["id"] for message in answer.json()["messages"]]
        assert (len(ids), len(set(ids))) == (12, 12)
    assert CLIENT.delete(f"{base}/_mock/inbox").status_code == 204
    assert {len(answer.json()["messages"]) for answer in everywhere(f"{base}/_mock/inbox")} == {0}


def test_a_sandbox_that_is_deleted_is_gone_for_all_workers(served: Served) -> None:
    base = sandboxed(served, "deleted")
    create(base, "gone")
    assert CLIENT.delete(f"{served.base_url}/_mock/sandboxes/deleted").status_code == 204
    listed = everywhere(f"{served.base_url}/_mock/sandboxes")
    assert not any(sandbox["name"] == "deleted" for answer in listed for sandbox in answer.json())
    assert titles(base)["gone"] == 0


@LINUX
@pytest.mark.parametrize("kind", STORES)
def test_no_acknowledged_write_is_lost_when_workers_are_killed(kind: str) -> None:
    with store_flags(kind) as flags, serving("--workers", "2", *flags) as served:
        acknowledged: list[str] = []
        finished = threading.Event()

        def write(thread: int) -> None:
            for number in range(150):
                title = f"{thread}/{number}"
                try:
                    if create(served.base_url, title).status_code == 201:
                        acknowledged.append(title)
                except httpx.TransportError:
                    # The worker went with the connection; nobody was told anything.
                    continue

        def kill() -> None:
            while not finished.wait(0.5):
                served.kill_one()

        killer = threading.Thread(target=kill)
        killer.start()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))
        finished.set()
        killer.join()
        found: Counter[str] = Counter()
        url = f"{served.base_url}{DOCUMENTS}?page_size=250"
        after = ""
        while True:
            page = CLIENT.get(url + after, headers=KEY).json()
            found.update(document["title"] for document in page["postmortem_documents"])
            if not page["pagination_meta"].get("after"):
                break
            after = f"&after={page['pagination_meta']['after']}"
        assert len(acknowledged) > 300
        assert set(acknowledged) <= found.keys()
        assert {number for title, number in found.items() if "/" in title} == {1}


@LINUX
def test_a_worker_that_dies_is_replaced_and_its_place_in_the_state_is_taken() -> None:
    with serving("--workers", "2") as served:
        create(served.base_url, "before")
        before = set(served.workers())
        served.kill_one()
        answers = everywhere(f"{served.base_url}{DOCUMENTS}", KEY)
        assert len({answer.content for answer in answers}) == 1
        assert len(before & set(served.workers())) == 1


def test_a_folder_keeps_the_state_from_run_to_run(tmp_path: Path) -> None:
    store = f"lmdb:{tmp_path / 'kept'}"
    with serving("--store", store) as served:
        create(served.base_url, "kept")
    with serving("--workers", "2", "--store", store) as served:
        assert titles(served.base_url)["kept"] == 1


def test_the_state_is_saved_at_the_end(tmp_path: Path) -> None:
    for run in range(2):
        with serving("--workers", "2", "--state", str(tmp_path / "state.yaml")) as served:
            assert titles(served.base_url)["kept"] == run
            create(served.base_url, "kept")


def hears_of_terminals() -> None:
    """Whoever runs the tests may not."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_when_the_terminal_goes_the_server_ends_and_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--workers", "2"]
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=env, preexec_fn=hears_of_terminals
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        assert any(tmp_path.iterdir())
        process.send_signal(signal.SIGHUP)
        process.stdout.read()
        assert process.wait(PATIENCE) == 0
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        (["--store", "sqlite:x"], "--store sqlite: known are"),
        (["--store", "lmdb:{file}"], "--store lmdb:"),
    ],
)
def test_a_store_that_is_none_is_one_sentence(tmp_path: Path, flags: list[str], problem: str) -> None:
    (tmp_path / "file").touch()
    flags = [flag.format(file=tmp_path / "file") for flag in flags]
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *flags]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
    assert problem in ended.stderr


def test_a_folder_of_another_seed_is_refused(tmp_path: Path) -> None:
    store = f"lmdb:{tmp_path / 'kept'}"
    with serving("--store", store, "--seed", "1"):
        pass
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--store", store, "--seed", "2"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 2
    assert "holds the state of another version" in ended.stderr
