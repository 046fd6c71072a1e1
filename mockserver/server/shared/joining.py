"""One process's part in what several share: its server, made of the kinds that share, joined to the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from mockserver.server.app import Kinds, MockServer, create_server
from mockserver.server.control.guard import ControlGuard
from mockserver.server.faults.catalogue import catalogue_of
from mockserver.server.settings import Settings
from mockserver.server.shared.control import SharedControl
from mockserver.server.shared.engine import SharedEngine
from mockserver.server.shared.gathering import Gathering
from mockserver.server.shared.log import Log
from mockserver.server.shared.sandboxes import SharedSandboxes


@dataclass(frozen=True, slots=True)
class Member:
    """One process's server, and what it asks the others through, once that has been started."""

    mock: MockServer
    gathering: Gathering

    def join(self, log: Log, seat: int) -> None:
        """`seat` is the number of this process among all that share. Raises Unavailable."""
        engine = cast(SharedEngine, self.mock.engine)
        engine.sit(seat)
        engine.sandboxes.join(log, catalogue_of(self.mock.providers, self.mock.documents))
        engine.sandboxes.start()


def create_member(settings: Settings) -> Member:
    """It answers nothing before it has joined. Raises ConfigurationError."""
    members: list[Member] = []

    def around(guard: ControlGuard) -> ControlGuard:
        """Behind the guard: who may not use the control API makes nobody ask anybody."""
        sandboxes = cast(SharedSandboxes, members[0].mock.sandboxes)
        guard.app = SharedControl(guard.app, sandboxes, members[0].gathering)
        return guard

    mock = create_server(settings, Kinds(sandboxes=SharedSandboxes, engine=SharedEngine, around=around))
    members.append(Member(mock, Gathering(cast(SharedEngine, mock.engine))))
    return members[0]
