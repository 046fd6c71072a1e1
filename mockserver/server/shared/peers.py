"""The other processes that answer for the same sandboxes, as far as they are asked something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

# What one process makes of another's question.
Reply = Callable[[bytes], bytes]


class Peers(Protocol):
    async def start(self, reply: Reply) -> None:
        """From now on others may ask; `reply` neither waits nor fails."""

    async def ask(self, question: bytes) -> Sequence[bytes]:
        """What all others say to it, but for those that do not answer in time."""

    async def close(self) -> None: ...


class Alone:
    """There is nobody else."""

    async def start(self, reply: Reply) -> None:
        """Nobody will ask."""

    async def ask(self, question: bytes) -> Sequence[bytes]:
        return []

    async def close(self) -> None:
        """There is nothing to close."""
