"""Raw ASGI that does no work at all: what uvicorn itself costs. PEER_BODIES names a JSON file of the fixed bodies."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from benchmarks.peers.fixed import kind_of

_BODIES = json.loads(Path(os.environ["PEER_BODIES"]).read_text())
_ANSWERS = {
    kind: (
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(body.encode())),
            ],
        },
        {"type": "http.response.body", "body": body.encode()},
    )
    for kind, (status, body) in _BODIES.items()
}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    kind = kind_of(scope["method"].encode(), scope["query_string"])
    if kind == "POST":
        while (await receive()).get("more_body"):
            pass
    start, body = _ANSWERS[kind]
    await send(start)
    await send(body)
