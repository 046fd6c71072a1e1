"""Logs of every kind, and a Valkey server for every test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.server.shared.log import Log
from tests.shared.logs import LOGS
from tests.shared.storeserver import StoreServer, store_server


@pytest.fixture(params=list(LOGS))
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    """An empty one, of each kind in turn."""
    with LOGS[request.param]() as log:
        yield log


@pytest.fixture
def durable_server() -> Iterator[StoreServer]:
    """A server of the test's own that has every write on disk before it answers."""
    with store_server() as server:
        yield server
