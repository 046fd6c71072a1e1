"""The models' own client."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from contract_tests.judging import Judging


@pytest.fixture(scope="session")
def http(judging: Judging) -> Iterator[httpx.Client]:
    """Hears what the guard says, instead of ending with it: what was not sent is no part of a story."""
    with judging.client(judging.base_url, frank=True) as client:
        yield client
