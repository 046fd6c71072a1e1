"""Several workers behind one port: forked once everything is made, watched, and replaced when one dies."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

import uvicorn

from mockserver.core.errors import ConfigurationError
from mockserver.server.app import MockServer
from mockserver.server.serve import GRACE, Listener, configuration
from mockserver.server.settings import Settings
from mockserver.server.shared.fingerprint import fingerprint
from mockserver.server.shared.joining import Member, create_member
from mockserver.server.shared.memory import MemoryLog
from mockserver.server.shared.peers import Peers
from mockserver.server.shared.sandboxes import SharedSandboxes
from mockserver.server.shared.stores import Store, opened, store_of
from mockserver.server.state.files import save

# A worker that ends sooner, in seconds, was none; after so many of them nothing is tried any more.
SHORTEST_LIFE = 2.0
MOST_STILLBORN = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Pipes:
    """`ready` is written to by each worker that accepts connections; `life` ends when the parent does."""

    ready: tuple[int, int]
    life: tuple[int, int]


class _Worker(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, member: Member, peers: Peers, pipes: _Pipes) -> None:
        super().__init__(config)
        self._member = member
        self._peers = peers
        self._pipes = pipes

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self._member.gathering.start(self._peers)
        await super().startup(sockets)
        asyncio.get_running_loop().add_reader(self._pipes.life[0], self._orphaned)
        if self.started:
            os.write(self._pipes.ready[1], b".")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().remove_reader(self._pipes.life[0])
        await super().shutdown(sockets)
        await self._member.gathering.close()

    def _orphaned(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pipes.life[0])
        self.should_exit = True


class Workers:
    def __init__(self, member: Member, listener: Listener, store: Store, number: int, log_level: str) -> None:
        self._member = member
        self._listener = listener
        self._store = store
        self._number = number
        self._log_level = log_level
        self._pipes = _Pipes(os.pipe(), os.pipe())
        self._seats: dict[int, tuple[int, float]] = {}
        self._stopping = False

    def run(self, announce: Callable[[], None]) -> None:
        """Until SIGTERM or ctrl-C; `announce` is called once all accept connections. Raises ConfigurationError."""
        gc.collect()
        # What is there now is never written to again, so that all workers go on sharing it.
        gc.freeze()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGALRM, self._kill)
        for seat in range(self._number):
            self._fork(seat)
        self._wait(announce)

    def _wait(self, announce: Callable[[], None]) -> None:
        ready, stillborn = 0, 0
        os.set_blocking(self._pipes.ready[0], False)
        while self._seats:
            if ready < self._number and not self._stopping:
                ready += self._came_up()
                if ready >= self._number:
                    announce()
                    continue
            pid, status = os.waitpid(-1, os.WNOHANG if ready < self._number else 0)
            if not pid:
                time.sleep(0.01)
                continue
            seat, since = self._seats.pop(pid, (None, 0.0))
            if seat is None or self._stopping:
                continue
            stillborn = stillborn + 1 if time.monotonic() - since < SHORTEST_LIFE else 0
            if stillborn >= MOST_STILLBORN:
                self._stop()
                self._reap()
                raise ConfigurationError("--workers: they end as soon as they begin; see the log")
            logger.warning("worker %d has ended (%s); another takes its place", seat + 1, _ended(status))
            self._fork(seat)

    def _came_up(self) -> int:
        with suppress(BlockingIOError):
            return len(os.read(self._pipes.ready[0], self._number))
        return 0

    def _reap(self) -> None:
        while self._seats:
            self._seats.pop(os.waitpid(-1, 0)[0], None)

    def _fork(self, seat: int) -> None:
        pid = os.fork()
        if pid:
            self._seats[pid] = seat, time.monotonic()
            return
        code = 1
        try:
            os.close(self._pipes.life[1])
            self._work(seat)
            code = 0
        finally:
            # What the parent has still to do at its end is not for a worker to do.
            logging.shutdown()
            os._exit(code)

    def _work(self, seat: int) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        log = self._store.open()
        own = self._store.seat(seat)
        self._member.join(log, own)
        config = configuration(self._member.mock, log_level=self._log_level)
        worker = _Worker(config, self._member, self._store.peers(own), self._pipes)
        worker.run(sockets=[self._listener.socket])
        self._member.mock.sandboxes.close()
        log.close()

    def _stop(self, *_: object) -> None:
        self._stopping = True
        self._signal(signal.SIGTERM)
        signal.setitimer(signal.ITIMER_REAL, GRACE + 2)

    def _kill(self, *_: object) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for pid in tuple(self._seats):
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _ended(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"signal {-code}" if code < 0 else f"exit code {code}"


@dataclass(frozen=True, slots=True)
class Sharing:
    """What `--workers` and `--store` ask for: serves like one process does."""

    store: Store
    named: str | None
    number: int
    members: list[Member] = field(default_factory=list)

    def create(self, settings: Settings) -> MockServer:
        """Raises ConfigurationError."""
        self.members.append(create_member(settings))
        return self.members[0].mock

    def serve(
        self, mock: MockServer, listener: Listener, *, log_level: str, announce: Callable[[], None]
    ) -> None:
        """Saves the state at the end. Raises ConfigurationError."""
        member = self.members[0]
        sandboxes = cast(SharedSandboxes, mock.sandboxes)
        try:
            member.join(MemoryLog(), 0)
            log = opened(self.store, self.named, fingerprint(mock, sandboxes))
            member.join(log, 0)
            # No worker takes over what this process has opened.
            log.close()
            member.join(MemoryLog(), 0)
            Workers(member, listener, self.store, self.number, log_level).run(announce)
            if mock.settings.state is not None:
                log = self.store.open()
                member.join(log, 0)
                save(mock.settings.state, sandboxes.export(sandboxes.default))
                log.close()
        finally:
            self.store.close()


def sharing(named: str | None, number: int) -> Sharing:
    """Raises ConfigurationError."""
    if not hasattr(os, "fork"):
        raise ConfigurationError(
            "--workers and --store want a system that forks processes, and this one does not"
        )
    return Sharing(store_of(named), named, number)
