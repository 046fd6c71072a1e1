"""Several clients of incident.io that act at the same time, and how their answers are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any, TypeVar

import httpx
import pytest

from contract_tests.guard.header import GUARD, as_a_skip
from contract_tests.judging import Judging

Json = dict[str, Any]
T = TypeVar("T")
THREADS = 8


class Crowd:
    """Several clients of one key, which begin each of their requests together."""

    def __init__(self, judging: Judging, key: str, threads: int) -> None:
        self._clients = [judging.client(judging.base_url, frank=True) for _ in range(threads + 1)]
        for client in self._clients:
            client.headers["Authorization"] = f"Bearer {key}"
        self.http = self._clients.pop()  # of the one who prepares and looks afterwards
        self._pool = ThreadPoolExecutor(threads)
        self.threads = threads

    def close(self) -> None:
        self._pool.shutdown()
        for client in (*self._clients, self.http):
            client.close()

    def together(self, act: Callable[[httpx.Client, int], T], times: int = 1) -> list[T]:
        """What every client's acts gave, the acts of one round all begun at once."""
        barrier = Barrier(self.threads, timeout=60)

        def acts(number: int) -> list[T]:
            found = []
            for turn in range(times):
                barrier.wait()
                found.append(act(self._clients[number], turn * self.threads + number))
            return found

        results = [self._pool.submit(acts, number) for number in range(self.threads)]
        return [one for result in results for one in result.result()]

    def at_once(self, *acts: Callable[[httpx.Client], T]) -> list[T]:
        """One client for each act, all begun at once."""
        barrier = Barrier(len(acts), timeout=60)

        def begin(client: httpx.Client, act: Callable[[httpx.Client], T]) -> T:
            barrier.wait()
            return act(client)

        pairs = zip(self._clients, acts, strict=False)
        results = [self._pool.submit(begin, client, act) for client, act in pairs]
        return [result.result() for result in results]


@contextmanager
def gathered(judging: Judging) -> Iterator[Crowd]:
    """On a deployment of somebody else's, two clients are a crowd."""
    crowd = Crowd(judging, judging.deployment.need("incident_key"), THREADS if judging.strict else 2)
    try:
        yield crowd
    finally:
        crowd.close()


def answer(response: httpx.Response, *statuses: int, strict: bool) -> Json:
    """The JSON of an answer; what the guard says itself, and a rate limit of others, is no verdict."""
    said = response.headers.get(GUARD, "")
    if said and not strict:
        pytest.skip(as_a_skip(said))
    if response.status_code == 429 and not strict:
        pytest.skip("inconclusive: throttled: the target's rate limit is used up")
    assert response.status_code in statuses, (
        f"{response.request.method} {response.url}: {response.text[:300]}"
    )
    body: Json = response.json() if response.content else {}
    return body


def walk(http: httpx.Client, path: str, name: str, size: int, **query: str) -> list[Json]:
    """The records of every page, which hold no record twice and do not end before they say so."""
    found: list[Json] = []
    params: dict[str, str] = {**query, "page_size": str(size)}
    for _ in range(400):
        body = http.get(path, params=params).raise_for_status().json()
        found += body[name]
        after = body["pagination_meta"].get("after")
        if after is None:
            return found
        assert len(body[name]) == size
        assert after == body[name][-1]["id"]
        params["after"] = after
    raise AssertionError(f"{path} does not end")


def ids(records: list[Json]) -> list[str]:
    return [record["id"] for record in records]


def at(record: Json, member: str = "created_at") -> str:
    """A time that can be compared as text."""
    time: str = record[member]
    return time.rstrip("Z").ljust(27, "0")
