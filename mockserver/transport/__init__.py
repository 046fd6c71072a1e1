"""The mock without a socket: transports for httpx and requests that call the engine themselves.

direct = Direct(create_server(Settings(...)))
httpx.Client(transport=DirectTransport(direct), base_url=direct.base_url)
httpx.AsyncClient(transport=AsyncDirectTransport(direct), base_url=direct.base_url)
session.mount(direct.base_url, DirectAdapter(direct))   # from mockserver.transport.for_requests
"""

from mockserver.transport.direct import Direct, NeedsLoop
from mockserver.transport.for_httpx import AsyncDirectTransport, DirectTransport

__all__ = ["AsyncDirectTransport", "Direct", "DirectTransport", "NeedsLoop"]
