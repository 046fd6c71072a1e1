"""What `serve` does with `--workers` and `--store`: nothing is imported for them unless they are asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.core.errors import ConfigurationError

if TYPE_CHECKING:
    from mockserver.server.shared.stores import Store
    from mockserver.server.shared.workers import Sharing

LMDB = "lmdb"
REDIS = ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster")


def sharing_of(workers: int, store: str | None) -> Sharing | None:
    """None for one process that keeps its state in memory. Raises ConfigurationError."""
    if workers == 1 and store is None:
        return None
    kind, _, where = (store or LMDB).partition(":")
    if kind not in (LMDB, *REDIS):
        raise ConfigurationError(
            f"--store {kind[:40]}: known are {LMDB}, {LMDB}:FOLDER and {', '.join(REDIS)} with an address"
        )
    if not hasattr(os, "fork"):
        raise ConfigurationError(
            "--workers and --store want a system that forks processes, and this one does not"
        )
    extra = "workers" if kind == LMDB else "redis"
    try:
        from mockserver.server.shared.workers import Sharing

        return Sharing(_lmdb(where) if kind == LMDB else _redis(store or ""), workers)
    except ModuleNotFoundError as missing:
        raise ConfigurationError(
            f"--workers and --store want {missing.name}: install postmortem-mockserver[{extra}]"
        ) from None


def _lmdb(folder: str) -> Store:
    from mockserver.server.shared.lmdbstore import LmdbStore

    return LmdbStore(Path(folder) if folder else None)


def _redis(address: str) -> Store:
    from mockserver.server.shared.redis_store import RedisStore

    return RedisStore(address)
