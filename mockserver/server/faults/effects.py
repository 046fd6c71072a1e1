"""What a fault does to an answer on its way, after its status, headers and body are settled; and to a webhook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Ending = Literal["", "reset", "hang", "truncate"]


@dataclass(frozen=True, slots=True)
class Effect:
    """`delay` is in seconds, before the first byte.

    ending  "" sends everything; "reset" breaks the connection without an answer; "hang" never answers; "truncate"
            promises the whole body and breaks the connection in the middle of it
    drip    seconds between pieces of the body; 0 sends it at once
    """

    delay: float = 0.0
    ending: Ending = ""
    drip: float = 0.0


@dataclass(frozen=True, slots=True)
class WebhookEffect:
    """How often a message is delivered under its one id (0: it is never made), and how many seconds late."""

    copies: int = 1
    delay: float = 0.0


UNTOUCHED = WebhookEffect()
