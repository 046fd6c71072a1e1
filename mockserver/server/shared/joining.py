"""One process's part in what several share: its server, made of the kinds that share, joined to the log."""

from __future__ import annotations

from typing import cast

from mockserver.server.app import Kinds, MockServer, create_server
from mockserver.server.faults.catalogue import catalogue_of
from mockserver.server.settings import Settings
from mockserver.server.shared.engine import SharedEngine
from mockserver.server.shared.log import Log
from mockserver.server.shared.sandboxes import SharedSandboxes

SHARING = Kinds(sandboxes=SharedSandboxes, engine=SharedEngine)


def create_sharing_server(settings: Settings) -> MockServer:
    """It answers nothing before it has joined. Raises ConfigurationError."""
    return create_server(settings, SHARING)


def join(mock: MockServer, log: Log, seat: int) -> None:
    """`seat` is the number of this process among all that share. Raises Unavailable."""
    engine = cast(SharedEngine, mock.engine)
    engine.sit(seat)
    engine.sandboxes.join(log, catalogue_of(mock.providers, mock.documents))
    engine.sandboxes.start()
