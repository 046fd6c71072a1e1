from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.server.shared.log import Log
from tests.shared.logs import LOGS


@pytest.fixture(params=list(LOGS))
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    """An empty one, of each kind in turn."""
    with LOGS[request.param]() as log:
        yield log
