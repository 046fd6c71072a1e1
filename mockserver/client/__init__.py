"""The mock's verbs for Python: the same objects in this process, over a socket, or against a `mockserver serve`.

    mock = Mock("http://127.0.0.1:4010")
    mock.fault(provider="incident-io", status=429, retry_after=2, nth=3)

`AsyncMock` is its twin: the same verbs, awaited.
"""

from mockserver.client.errors import ClientError, NothingCame, NotThere, Refused, Unreachable
from mockserver.client.mock import AsyncMock, Mock, connect
from mockserver.client.reach import Reach, Remote

__all__ = [
    "AsyncMock",
    "ClientError",
    "Mock",
    "NotThere",
    "NothingCame",
    "Reach",
    "Refused",
    "Remote",
    "Unreachable",
    "connect",
]
