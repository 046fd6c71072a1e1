"""What a fault does to an answer on its way, after its status, headers and body are settled."""

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
