"""Where processes keep what they share, as a flag names it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Protocol

from mockserver.core.errors import ConfigurationError, Unavailable
from mockserver.server.shared.lmdblog import LmdbLog
from mockserver.server.shared.log import Log
from mockserver.server.shared.peers import Peers
from mockserver.server.shared.unixpeers import UnixPeers

LMDB = "lmdb"


class Store(Protocol):
    """Made before the workers are forked, and asked by each of them."""

    def open(self) -> Log:
        """This process's own door. Raises Unavailable."""

    def seat(self, worker: int) -> int:
        """A number that no other process has now."""

    def peers(self, seat: int) -> Peers: ...

    def close(self) -> None:
        """Once no process uses it any more."""


class LmdbStore:
    """In a folder; in one that is gone at the end if None is named."""

    def __init__(self, folder: Path | None) -> None:
        # Addresses of sockets are short, and a folder's name need not be.
        self._private = tempfile.TemporaryDirectory(prefix="mockserver-")
        self._folder = Path(self._private.name) if folder is None else folder
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._private.cleanup()
            raise ConfigurationError(f"--store {LMDB}:{folder}: {error.strerror}") from None

    def open(self) -> Log:
        return LmdbLog(self._folder)

    def seat(self, worker: int) -> int:
        return worker

    def peers(self, seat: int) -> Peers:
        return UnixPeers(Path(self._private.name), seat)

    def close(self) -> None:
        self._private.cleanup()


def store_of(named: str | None) -> Store:
    """None for one of the server's own. Raises ConfigurationError."""
    kind, _, where = (named or LMDB).partition(":")
    if kind == LMDB:
        return LmdbStore(Path(where) if where else None)
    raise ConfigurationError(f"--store {named}: known are {LMDB} and {LMDB}:FOLDER")


def opened(store: Store, named: str | None, fingerprint: str) -> Log:
    """Raises ConfigurationError for one that cannot be used, or that others use for something else."""
    try:
        log = store.open()
        if log.hold(fingerprint):
            return log
        log.close()
    except Unavailable as error:
        raise ConfigurationError(f"--store {named}: {error or 'is not to be had'}") from None
    raise ConfigurationError(
        f"--store {named}: holds the state of another version, or of other documents, fixtures or flags"
    )
