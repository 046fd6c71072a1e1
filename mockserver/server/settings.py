"""What a server is told before it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 4010


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Paths of None mean the files as shipped.

    `base_url` is what the mock calls itself in links. `rate_factor` multiplies the vendors' limits, None turns them
    off. `quirks` turns on the vendors' known defects. `control_token` opens the control API to whoever sends it;
    without one it answers loopback clients only.
    """

    providers: tuple[str, ...]
    base_url: str = f"http://{DEFAULT_HOST}:{DEFAULT_PORT}"
    seed: int | None = None
    specs: Path | None = None
    fixtures: Path | None = None
    rate_factor: float | None = 1.0
    quirks: bool = False
    check_responses: bool = False
    control_token: str | None = field(default=None, repr=False)
