from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.conftest import MakeServer
from tests.server.protocol.lines import Twins

MakeTwins = Callable[..., Twins]


@pytest.fixture(scope="module")
def make_twins(make_server: MakeServer) -> Iterator[MakeTwins]:
    """The same server with each protocol; settings by name."""
    with ExitStack() as stack:

        def make(log_level: str = "error", **settings: Any) -> Twins:
            settings = {"seed": 1, "base_url": "http://mock.example", **settings}
            twins = Twins(lambda protocol: make_server(protocol=protocol, **settings), log_level)
            stack.callback(twins.end)
            return twins

        yield make


@pytest.fixture(scope="module")
def shared_twins(make_twins: MakeTwins) -> Twins:
    """Two servers for a whole module, in whatever state they were left; tests take `twins` instead."""
    return make_twins(allow_prefer=True)


@pytest.fixture
def twins(shared_twins: Twins) -> Twins:
    """Two servers that differ in their protocol only, without a sandbox yet."""
    for side in shared_twins.each():
        for sandbox in side.mock.sandboxes:
            side.mock.sandboxes.delete(sandbox.name)
    return shared_twins
