"""What every test may ask for: servers, clients and a server behind a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from hypothesis import settings

from mockserver.server.app import MockServer, create_server
from mockserver.server.settings import Settings
from tests.inprocess import InProcess
from tests.live import LiveServer, serving

# The same examples in every run, and no clock: a busy machine is no failure.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

BOTH = ("incident-io", "grafana-oncall")
MakeServer = Callable[..., MockServer]
MakeLiveServer = Callable[..., LiveServer]


def _make(**settings: Any) -> MockServer:
    defaults: dict[str, Any] = {"providers": BOTH, "check_responses": True, "rate_factor": None}
    return create_server(Settings(**{**defaults, **settings}))


@pytest.fixture(scope="session")
def make_server() -> MakeServer:
    """A new server: both vendors, answers held against the documents, no rate limits; settings by name."""
    return _make


@pytest.fixture(scope="session")
def shared_server() -> MockServer:
    """One server for the whole run, in whatever state it was left; tests take `server` instead."""
    return _make()


@pytest.fixture
def server(shared_server: MockServer) -> MockServer:
    """A server without a sandbox yet: the first use of each makes it."""
    for sandbox in shared_server.sandboxes:
        shared_server.sandboxes.delete(sandbox.name)
    return shared_server


@pytest.fixture
def transport(server: MockServer) -> Iterator[InProcess]:
    """For requests to `server` that no proper client would send."""
    with InProcess(server.app) as transport:
        yield transport


@pytest.fixture
def client(server: MockServer) -> Iterator[httpx.Client]:
    """An HTTP client of `server`, without a socket between them."""
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        yield client


@pytest.fixture
def make_live_server() -> Iterator[MakeLiveServer]:
    """A new server behind a socket, with the defaults of `make_server`, until the test ends."""
    with ExitStack() as stack:

        def make(**settings: Any) -> LiveServer:
            return stack.enter_context(serving(lambda base_url: _make(base_url=base_url, **settings)))

        yield make


@pytest.fixture(scope="session")
def shared_live_server() -> Iterator[LiveServer]:
    """One server behind a socket for the whole run; tests take `live_server` instead."""
    with serving(lambda base_url: _make(base_url=base_url)) as live:
        yield live


@pytest.fixture
def live_server(shared_live_server: LiveServer) -> LiveServer:
    """A server behind a socket, with a fresh sandbox."""
    shared_live_server.mock.sandboxes.reset()
    return shared_live_server
