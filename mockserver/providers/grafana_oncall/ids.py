"""Ids as Grafana OnCall makes them: a letter for the kind, and twelve characters without O and 0."""

from __future__ import annotations

from mockserver.core.sandbox import Services

ALPHABET = "ABCDEFGHIJKLMNPQRSTUVWXYZ123456789"


def new_id(kind: str, services: Services) -> str:
    return kind + services.ids.letters(ALPHABET, 12)
