"""`mockserver serve` with workers, as processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.shared.storeserver import binary, store_server

PATIENCE = 30


@dataclass(frozen=True, slots=True)
class Served:
    base_url: str
    process: subprocess.Popen[str]

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.base_url.removeprefix("http://").partition(":")
        return host, int(port)

    def workers(self) -> list[int]:
        """The processes that answer; read from the system, which has to be Linux for it."""
        pid = self.process.pid
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in told.split()]

    def kill_one(self) -> None:
        for pid in self.workers()[:1]:
            os.kill(pid, signal.SIGKILL)


STORES = ("lmdb", "redis") if binary() is not None else ("lmdb",)


@contextmanager
def store_flags(kind: str) -> Iterator[Sequence[str]]:
    """How `serve` is told to use a store of this kind that nobody has used yet."""
    if kind == "lmdb":
        yield ("--store", "lmdb")
        return
    with store_server() as server:
        yield ("--store", server.url)


@contextmanager
def serving(*flags: str, cwd: Path | None = None) -> Iterator[Served]:
    """Without rate limits, on a free port; it has to end cleanly."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--rate-limit", "off", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=cwd) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        try:
            assert base_url, "the server did not start"
            yield Served(base_url, process)
        finally:
            process.send_signal(signal.SIGTERM)
            # What is left of the table.
            process.stdout.read()
            assert process.wait(PATIENCE) == 0
