"""Ids as Grafana OnCall makes them: a letter for the kind, and twelve characters without O and 0."""

from __future__ import annotations

from typing import Any

from mockserver.core.sandbox import Services
from mockserver.core.store import Table

ALPHABET = "ABCDEFGHIJKLMNPQRSTUVWXYZ123456789"


def new_id(kind: str, services: Services, taken: Table[Any]) -> str:
    """One that is not taken: a world may hold records of a run that drew the same."""
    while taken.get(drawn := kind + services.ids.letters(ALPHABET, 12)) is not None:
        pass
    return drawn
