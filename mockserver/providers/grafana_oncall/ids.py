"""Ids as Grafana OnCall makes them: a letter for the kind, and twelve characters without O and 0."""

from __future__ import annotations

from collections.abc import Container

from mockserver.core.sandbox import Services

ALPHABET = "ABCDEFGHIJKLMNPQRSTUVWXYZ123456789"


def new_id(kind: str, services: Services, taken: Container[str]) -> str:
    """One that is not taken: a world may hold records of a run that drew the same."""
    while (drawn := kind + services.ids.letters(ALPHABET, 12)) in taken:
        pass
    return drawn
