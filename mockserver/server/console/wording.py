"""How the console says things: times, sizes, counts, and what has just been done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from mockserver.server.console.pretty import highlighted

# What a page says after a form has been sent to it; the address holds the key alone.
DONE = {
    "reset": "The sandbox is as new.",
    "deleted": "The sandbox is gone.",
    "made": "The sandbox is there.",
    "forked": "The sandbox is a copy of the other.",
    "kept": "The snapshot is taken.",
    "restored": "Everything is as it was in the snapshot.",
    "dropped": "The snapshot is gone.",
    "cleared": "The journal is empty.",
    "fault-added": "The fault is on.",
    "faults-added": "The profile’s faults are on.",
    "fault-on": "The fault is on.",
    "fault-off": "The fault is off.",
    "fault-deleted": "The fault is gone.",
    "faults-deleted": "No fault is left.",
    "sent-again": "The webhook is on its way again.",
    "target-added": "The address will be told.",
    "target-deleted": "The address will not be told any more.",
    "inbox-cleared": "The inbox is empty.",
    "clock": "The clock is set.",
}


def time_of_day(at: datetime) -> str:
    return at.strftime("%H:%M:%S")


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    if count < 1024 * 1024:
        return f"{count / 1024:.1f} KiB"
    return f"{count / 1024 / 1024:.1f} MiB"


def duration(seconds: float) -> str:
    if seconds < 0.000_995:
        return f"{seconds * 1_000_000:.0f} µs"
    if seconds < 0.9995:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s"


def ahead(seconds: int) -> str:
    """Of another clock, in the largest units."""
    rest = abs(seconds)
    parts: list[str] = []
    for name, size_of in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size_of)
        if count and len(parts) < 2:
            parts.append(f"{count:,} {name}".replace(",", "\u202f"))
    return f"{' '.join(parts)} {'ahead of' if seconds > 0 else 'behind'} the machine’s"


def counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}".replace(",", "\u202f")


def short(value: Any, most: int = 80) -> str:
    text = str(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def status(answered: int) -> str:
    """0 stands for an answer that never came."""
    return str(answered) if answered else "none"


def tone(status: int) -> str:
    """Which colour a status has."""
    if not status:
        return "bad"
    return "good" if status < 300 else "calm" if status < 400 else "warn" if status < 500 else "bad"


FILTERS: dict[str, Callable[..., Any]] = {
    "time_of_day": time_of_day,
    "moment": moment,
    "bytes": size,
    "duration": duration,
    "ahead": ahead,
    "counted": counted,
    "short": short,
    "status": status,
    "tone": tone,
    "highlighted": highlighted,
}
