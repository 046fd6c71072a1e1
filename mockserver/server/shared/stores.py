"""Where processes keep what they share, as a flag names it."""

from __future__ import annotations

from typing import Protocol

from mockserver.core.errors import ConfigurationError, Unavailable
from mockserver.server.shared.log import Log
from mockserver.server.shared.peers import Peers


class Store(Protocol):
    """Made before the workers are forked, and asked by each of them. `named` is what people call it."""

    @property
    def named(self) -> str: ...

    def open(self) -> Log:
        """This process's own door. Raises Unavailable."""

    def seat(self, worker: int) -> int:
        """A number that no other process has now."""

    def peers(self, seat: int) -> Peers: ...

    def close(self) -> None:
        """Once no process uses it any more."""


def opened(store: Store, fingerprint: str) -> Log:
    """Raises ConfigurationError for one that cannot be used, or that others use for something else."""
    try:
        log = store.open()
        if log.hold(fingerprint):
            return log
        log.close()
    except Unavailable as error:
        raise ConfigurationError(f"--store {store.named}: {error or 'is not to be had'}") from None
    raise ConfigurationError(
        f"--store {store.named}: holds the state of another version, or of other documents, fixtures or flags"
    )
