"""Carries what a sandbox sends out: HTTP and waiting, on a thread of its own, whether its caller has a loop or not."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

import httpx

# In seconds, for one attempt.
PATIENCE = 15
LONGEST_ERROR = 300
Done = Callable[[int | None, str], None]


class Errand(Protocol):
    """What is on its way and can be called back."""

    def cancel(self) -> object: ...


class Carrier(Protocol):
    """What an outbox needs of whoever carries for it."""

    def send(self, url: str, body: bytes, headers: Mapping[str, str], done: Done) -> Errand:
        """One attempt; `done` is told the status of the answer, or None and what went wrong, on any thread."""

    def after(self, seconds: float, call: Callable[[], None]) -> Errand:
        """Calls once so many seconds of the machine's time have passed, on any thread."""


class Courier:
    """The thread starts with the first errand, and ends with `close`, with the courier, or with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: Callable[[], object] | None = None

    def send(self, url: str, body: bytes, headers: Mapping[str, str], done: Done) -> Errand:
        return self._start(_post(url, body, headers, done))

    def after(self, seconds: float, call: Callable[[], None]) -> Errand:
        return self._start(_later(seconds, call))

    def close(self) -> None:
        """Calls back whatever is on its way. A later errand starts a new thread."""
        with self._lock:
            if self._end is not None:
                self._end()
            self._loop = self._end = None

    def _start(self, work: Coroutine[Any, Any, None]) -> Errand:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                thread = threading.Thread(target=_run, args=(self._loop,), name="webhooks", daemon=True)
                self._end = weakref.finalize(self, _stop, self._loop, thread)
                thread.start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
        loop.run_until_complete(_call_back(asyncio.all_tasks(loop)))
    finally:
        loop.close()


async def _call_back(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    if thread is not threading.current_thread():
        thread.join(PATIENCE)


async def _post(url: str, body: bytes, headers: Mapping[str, str], done: Done) -> None:
    secure = url.startswith("https:")
    try:
        # What a receiver answers is not read: it could be without an end.
        async with (
            httpx.AsyncClient(verify=secure, trust_env=False, timeout=PATIENCE) as client,
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            status = answer.status_code
    except httpx.HTTPError as error:
        done(None, f"{type(error).__name__}: {error}"[:LONGEST_ERROR])
    else:
        done(status, "")


async def _later(seconds: float, call: Callable[[], None]) -> None:
    await asyncio.sleep(seconds)
    call()
