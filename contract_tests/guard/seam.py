"""What stands on the relay: a handler, which sees each request and says what the client gets.

    async def handle(asked: Asked, forward: Forward) -> Answered | RawBytes

`await forward()` sends the request on, byte for byte, and gives the answer; returned as it is, that answer goes back
byte for byte. Another Asked is sent, and another Answered answered, as HTTP/1.1 written by the relay.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from contract_tests.exchange import Answered, Asked


@dataclass(frozen=True)
class RawBytes:
    """An answer as it stands, well-formed or not; afterwards the connection is kept, closed, or reset."""

    data: bytes
    then: Literal["keep", "close", "reset"] = "close"


class NoAnswer(Exception):
    """No whole answer came. `sent` is False if not a byte of the request left."""

    def __init__(self, kind: Literal["unreachable", "timeout"], reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.sent = sent


class Forward(Protocol):
    """The way on of one request. It may be taken several times, or never."""

    label: str  # of the header X-Contract-Test, which does not go on; else the door's
    client: int  # number of the client's connection
    flaw: str  # why servers may disagree about where the request ends, or whom it is for; "" if they cannot
    surplus: int  # bytes that came after the end of the last answer; they go back too

    async def __call__(self, asked: Asked | None = None) -> Answered:
        """Raises NoAnswer."""
        ...


Handler = Callable[[Asked, Forward], Awaitable[Answered | RawBytes]]


async def pass_on(asked: Asked, forward: Forward) -> Answered | RawBytes:
    """The handler of a relay that does nothing else."""
    return await forward()
