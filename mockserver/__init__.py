"""A stateful stand-in for the APIs through which incident tools exchange postmortems.

with mockserver.running() as mock:
    mock.incident_io.client.get("/v2/incidents")

mock = mockserver.connect("http://127.0.0.1:4010")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.client import AsyncMock, Mock, connect
    from mockserver.hosting import running

__version__ = "0.1.0"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 4010

# Found when they are asked for: whoever wants the command, or pytest, pays for no server.
_LATER = {
    "AsyncMock": "mockserver.client",
    "Mock": "mockserver.client",
    "connect": "mockserver.client",
    "running": "mockserver.hosting",
}
__all__ = ["DEFAULT_HOST", "DEFAULT_PORT", "AsyncMock", "Mock", "__version__", "connect", "running"]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
