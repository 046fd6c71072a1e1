"""Journals, and clients that fill them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

ONCALL = {"Authorization": "meowmeowmeow"}
INCIDENT = {"Authorization": "Bearer inc-test-key"}
POSTMORTEMS = "/api/v1/postmortems/"
IMPORT = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"
Journal = Callable[..., Any]


@pytest.fixture
def journal(client: httpx.Client) -> Journal:
    """What the control API says below /_mock: a path, and filters by name."""

    def ask(below: str = "/journal", /, **filters: str) -> Any:
        answer = client.get(f"/_mock{below}", params=filters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask
