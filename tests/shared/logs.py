"""The kinds of log that one and the same tests are run against."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from mockserver.server.shared.lmdblog import LmdbLog
from mockserver.server.shared.log import Log
from mockserver.server.shared.memory import MemoryLog
from mockserver.server.shared.redis_address import read_address
from mockserver.server.shared.redis_line import Line
from mockserver.server.shared.redis_log import RedisLog
from tests.shared.storeserver import binary, store_server

# Few steps, so that readers fall behind.
MOST_STEPS = 3
MakeLog = Callable[[], AbstractContextManager[Log]]


@contextmanager
def in_memory() -> Iterator[Log]:
    yield MemoryLog(most_steps=MOST_STEPS)


@contextmanager
def in_lmdb() -> Iterator[Log]:
    with tempfile.TemporaryDirectory(prefix="log-") as folder:
        log = LmdbLog(Path(folder), most_steps=MOST_STEPS)
        try:
            yield log
        finally:
            log.close()


@contextmanager
def in_redis() -> Iterator[Log]:
    with store_server(durable=False) as server:
        log = RedisLog(Line(read_address(server.url)), most_steps=MOST_STEPS)
        try:
            yield log
        finally:
            log.close()


LOGS: dict[str, MakeLog] = {"memory": in_memory, "lmdb": in_lmdb}
if binary() is not None:
    LOGS["redis"] = in_redis
