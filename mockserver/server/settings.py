"""What a server is told before it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from mockserver import DEFAULT_HOST, DEFAULT_PORT
from mockserver.core.clock import OutOfRange, SandboxClock
from mockserver.core.errors import ConfigurationError
from mockserver.server.journal.journal import JournalBounds
from mockserver.server.webhooks import WebhookPolicy


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Paths of None mean the files as shipped.

    `base_url` is what the mock calls itself in links. `clock` is what the clock of a fresh sandbox shows first.
    `state` is the file that the default sandbox is loaded from and saved to.
    `rate_factor` multiplies the vendors' limits, None turns them off. `quirks` turns on the vendors' known defects,
    which break their documents: only without are answers held against these, and what breaks them is in the log.
    `check_responses` refuses to send it.
    `max_sandboxes` and `max_bytes` (of request bodies, over all sandboxes) bound what a long-lived server keeps.
    `control_token` opens the control API to whoever sends it; without one it answers loopback clients only. `journal`
    bounds what each sandbox remembers. `allow_prefer` lets a request choose its own fault by the header Prefer.
    `protocol` of "plain" takes every request through the ASGI application, where "fast" answers simple ones before it.
    `faults` are files of fault rules, `profiles` names of shipped ones, that every fresh sandbox begins with.
    """

    providers: tuple[str, ...]
    base_url: str = f"http://{DEFAULT_HOST}:{DEFAULT_PORT}"
    seed: int | None = None
    clock: datetime | None = None
    specs: Path | None = None
    fixtures: Path | None = None
    state: Path | None = None
    rate_factor: float | None = 1.0
    quirks: bool = False
    check_responses: bool = False
    max_sandboxes: int = 1000
    max_bytes: int = 1 << 30
    journal: JournalBounds = field(default_factory=JournalBounds)
    allow_prefer: bool = False
    faults: tuple[Path, ...] = ()
    profiles: tuple[str, ...] = ()
    webhooks: WebhookPolicy = field(default_factory=WebhookPolicy)
    control_token: str | None = field(default=None, repr=False)
    protocol: Literal["fast", "plain"] = "fast"

    def __post_init__(self) -> None:
        if self.clock is not None:
            try:
                SandboxClock().set(self.clock)
            except OutOfRange as error:
                raise ConfigurationError(f"--clock {self.clock.isoformat()}: {error}") from None
        if self.control_token is not None and not (self.control_token.isascii() and self.control_token):
            raise ConfigurationError("the control token is empty, or not ASCII")
