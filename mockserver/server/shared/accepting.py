"""Workers that accept from one socket, and share what comes in.

A loop's own server takes every connection that there is in one turn, so that whoever wakes first has them all, and
keeps them for as long as clients do. Here each takes one a turn: who is idle takes more than who is busy.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

# In seconds, where this process has no room for a connection.
PAUSE = 0.5

logger = logging.getLogger(__name__)


class Accepting:
    def __init__(self, listener: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        self._listener = listener
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._connecting: set[asyncio.Task[object]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        self._go_on()

    def stop(self) -> None:
        """What has been accepted goes on."""
        self._loop.remove_reader(self._listener)
        if self._pause is not None:
            self._pause.cancel()

    def _go_on(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            # Another worker was first, or the client has gone again.
            return
        except OSError as error:
            logger.error("no connection can be accepted just now: %s", error)
            self._loop.remove_reader(self._listener)
            self._pause = self._loop.call_later(PAUSE, self._go_on)
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = self._loop.create_task(self._loop.connect_accepted_socket(self._protocol, connection))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
