"""Several workers behind one port: forked once everything is made, watched, and replaced when one dies."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import struct
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
from mockserver.server.shared.accepting import Accepting
from mockserver.server.shared.fingerprint import fingerprint
from mockserver.server.shared.joining import Member, create_member
from mockserver.server.shared.memory import MemoryLog
from mockserver.server.shared.peers import Peers
from mockserver.server.shared.sandboxes import SharedSandboxes
from mockserver.server.shared.stores import Store, opened
from mockserver.server.state.files import save

# After so many in a row that end before they accept connections, nothing is tried any more.
MOST_STILLBORN = 5
# One that ends so many seconds after it came up, or earlier, is replaced after a pause: the first, and, as each is
# twice as long as the one before, the longest.
QUICK = 0.5
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SIGNALS = (*ENDING, signal.SIGALRM)
PID = struct.Struct("q")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Pipes:
    """Each worker that accepts connections writes its process id to `ready`; `life` ends when the parent does."""

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
        await super().startup([])
        self._accepting = [Accepting(listener, self._protocol) for listener in sockets or ()]
        asyncio.get_running_loop().add_reader(self._pipes.life[0], self._orphaned)
        if self.started:
            os.write(self._pipes.ready[1], PID.pack(os.getpid()))

    def _protocol(self) -> asyncio.Protocol:
        """As uvicorn makes one for each connection."""
        make = cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class)
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for accepting in self._accepting:
            accepting.stop()
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
        self._seats: dict[int, int] = {}
        self._up: dict[int, float] = {}
        self._stopping = False

    def run(self, announce: Callable[[], None]) -> None:
        """Until SIGTERM, SIGHUP or ctrl-C; `announce` is called once all accept connections. Raises
        ConfigurationError."""
        gc.collect()
        # What is there now is never written to again, so that all workers go on sharing it.
        gc.freeze()
        for number in ENDING:
            # Whoever was started with nohup is to outlive its terminal.
            if signal.getsignal(number) is not signal.SIG_IGN or number is not signal.SIGHUP:
                signal.signal(number, self._stop)
        signal.signal(signal.SIGALRM, self._kill)
        for seat in range(self._number):
            self._fork(seat)
        self._wait(announce)

    def _wait(self, announce: Callable[[], None]) -> None:
        announced, stillborn, pause = False, 0, 0.0
        os.set_blocking(self._pipes.ready[0], False)
        while self._seats:
            self._came_up()
            if not announced and self._up.keys() >= self._seats.keys():
                announced = True
                announce()
            pid, status = os.waitpid(-1, 0 if announced else os.WNOHANG)
            if not pid:
                time.sleep(0.01)
                continue
            self._came_up()
            seat = self._seats.pop(pid, None)
            if seat is None or self._stopping:
                continue
            stillborn = 0 if pid in self._up else stillborn + 1
            lived = time.monotonic() - self._up.pop(pid, float("inf"))
            pause = min(max(2 * pause, FIRST_PAUSE), LONGEST_PAUSE) if lived < QUICK else 0.0
            if stillborn >= MOST_STILLBORN:
                self._stop()
                self._reap()
                raise ConfigurationError("--workers: they end as soon as they begin; see the log")
            logger.warning("worker %d has ended (%s); another takes its place", seat + 1, _ended(status))
            self._rest(pause)
            self._fork(seat)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.05))

    def _came_up(self) -> None:
        with suppress(BlockingIOError):
            while told := os.read(self._pipes.ready[0], PID.size):
                self._up[PID.unpack(told)[0]] = time.monotonic()

    def _reap(self) -> None:
        while self._seats:
            self._seats.pop(os.waitpid(-1, 0)[0], None)

    def _fork(self, seat: int) -> None:
        # Until it has handlers of its own, a worker would act on a signal as the parent does.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        if self._stopping:
            # Whoever was told to stop has not told a worker that begins now.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            return
        pid = os.fork()
        if pid:
            self._seats[pid] = seat
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
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
        worker: _Worker | None = None

        def stop(*_: object) -> None:
            """Stands here before uvicorn's own does, and again once it has been heard."""
            if worker is None or not worker.started:
                os._exit(0)

        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        # These come to all processes of a terminal, and the parent passes them on as SIGTERM.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        # With so much frozen, the usual thresholds would have all the rest searched for garbage over and over.
        gc.set_threshold(10_000, 20, 20)
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
            log = opened(self.store, fingerprint(mock, sandboxes))
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
