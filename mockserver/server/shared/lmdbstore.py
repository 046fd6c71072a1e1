"""A folder on this machine as the place of what the workers of one server share."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mockserver.core.errors import ConfigurationError
from mockserver.server.shared.lmdblog import LmdbLog
from mockserver.server.shared.log import Log
from mockserver.server.shared.peers import Peers
from mockserver.server.shared.unixpeers import UnixPeers

LMDB = "lmdb"


class LmdbStore:
    """In a folder; in one that is gone at the end if None is named."""

    def __init__(self, folder: Path | None) -> None:
        self.named = LMDB if folder is None else f"{LMDB}:{folder}"
        # Addresses of sockets are short, and a folder's name need not be.
        self._private = tempfile.TemporaryDirectory(prefix="mockserver-")
        self._folder = Path(self._private.name) if folder is None else folder
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            self._private.cleanup()
            raise ConfigurationError(f"--store {self.named}: {error.strerror}") from None

    def open(self) -> Log:
        return LmdbLog(self._folder)

    def seat(self, worker: int) -> int:
        return worker

    def peers(self, seat: int) -> Peers:
        return UnixPeers(Path(self._private.name), seat)

    def close(self) -> None:
        self._private.cleanup()
