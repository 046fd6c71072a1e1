"""What a mutant is: a name, a sentence, and what it does to an exchange on its way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from contract_tests.exchange import Answered, Asked
from contract_tests.kinds import VENDORS

ONCALL, INCIDENT = VENDORS
BOTH = VENDORS

# What a mutant keeps between requests; one for each world of the server behind, emptied when that world is reset.
Memory = dict[str, Any]
Forward = Callable[[Asked], Awaitable[Answered]]
Act = Callable[[Asked, Forward, Memory], Awaitable[Answered]]

CLASSES = (
    "status codes",
    "bodies",
    "headers",
    "filters",
    "pages",
    "links",
    "order",
    "persistence",
    "deletes",
    "identity",
    "isolation",
    "authentication",
    "rights",
    "rate limits",
    "input",
    "encoding and size",
    "text",
    "stale reads",
    "concurrency",
)
HARMLESS = "harmless"


class Raw(Exception):
    """Ends an act: these bytes, after which the connection is closed, are all that the caller gets."""

    def __init__(self, sent: bytes = b"") -> None:
        super().__init__(sent)
        self.sent = sent


@dataclass(frozen=True)
class Mutant:
    """`promise` says why a harmless one is harmless. `hidden` says why a tiny conversation cannot show a difference.
    `flags` are given to the server behind, besides those that the caller gave.
    """

    name: str
    about: str  # one of CLASSES, or HARMLESS
    vendors: tuple[str, ...]
    sentence: str
    act: Act
    promise: str = ""
    hidden: str = ""
    flags: tuple[str, ...] = ()

    @property
    def harmless(self) -> bool:
        return self.about == HARMLESS


async def as_it_is(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    return await forward(asked)


NONE = Mutant("none", HARMLESS, BOTH, "Nothing is changed.", as_it_is, promise="It is the server itself.")


class Chapter(list[Mutant]):
    """The mutants of one class as they are written down. `around` is put around the act of each."""

    def __init__(self, about: str, around: Callable[[Act], Act] = lambda act: act) -> None:
        super().__init__()
        self.about = about
        self._around = around

    def __call__(
        self,
        name: str,
        vendor: str,
        sentence: str,
        act: Act,
        *,
        promise: str = "",
        hidden: str = "",
        flags: tuple[str, ...] = (),
    ) -> None:
        whose = "oncall" if vendor == ONCALL else "incident"
        prefix = f"{whose}-{HARMLESS}" if self.about == HARMLESS else whose
        self.append(
            Mutant(
                f"{prefix}-{name}", self.about, (vendor,), sentence, self._around(act), promise, hidden, flags
            )
        )
