"""Times as people and programs write them to us."""

from __future__ import annotations

from datetime import UTC, datetime


class NoMoment(ValueError):
    """What was written is no time; the sentence shows what one looks like."""


def moment(value: object) -> datetime:
    """ISO 8601 as a time in UTC; without a zone it is one in UTC already. Raises NoMoment."""
    try:
        if not isinstance(value, str) or len(value) > 40:
            raise ValueError
        read = datetime.fromisoformat(value)
        return (read.replace(tzinfo=UTC) if read.tzinfo is None else read).astimezone(UTC)
    except (ValueError, OverflowError):
        shown = repr(value)
        shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
        raise NoMoment(f"{shown} is not a time, e.g. 2026-01-01T09:30:00Z") from None
