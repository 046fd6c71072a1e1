"""Servers, guards and clients for the tests of the guard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from contract_tests.guard.guard import Guard, GuardSettings
from contract_tests.guard.relay import Relay
from tests.guard.guarded import (
    DEPLOYMENT,
    Client,
    Hours,
    MakeGuard,
    Serve,
)
from tests.guard.servers import PATIENCE, serving


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda talk: stack.enter_context(serving(talk))


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def make_guard(tmp_path: Path, hours: Hours) -> Iterator[MakeGuard]:
    with ExitStack() as stack:

        def make(**settings: Any) -> Guard:
            given = {
                "ledger": tmp_path / "ledger",
                "clock": hours,
                "sleep": hours.sleep,
                "deployment": DEPLOYMENT,
            }
            return stack.enter_context(Guard(GuardSettings(**{**given, **settings})))

        yield make


@pytest.fixture
def client() -> Iterator[Callable[[str], Client]]:
    with ExitStack() as stack:

        def make(door: str) -> Client:
            made = Client(door)
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay(timeout=PATIENCE) as relay:
        yield relay
