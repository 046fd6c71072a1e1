"""Reading what somebody sends to the control API, bounded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request

from mockserver.core.jsontext import deeper_than
from mockserver.server.yamlfile import DEEPEST

LARGEST = 64 * 1024


async def read_bytes(request: Request, largest: int = LARGEST) -> bytes:
    """Raises HTTPException 413 for more bytes than `largest`, without reading the rest."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise HTTPException(413, f"no more than {largest} bytes are read here")
    return bytes(body)


async def read_object(request: Request, largest: int = LARGEST) -> dict[str, Any]:
    """Raises HTTPException 400 for what is no JSON object."""
    body = await read_bytes(request, largest)
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"the body is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise HTTPException(400, "the body must be an object")
    if deeper_than(DEEPEST, value):
        raise HTTPException(400, f"the body is more than {DEEPEST} levels deep")
    return value


def refuse_others(given: Iterable[str], known: Iterable[str]) -> None:
    """Raises HTTPException 400 naming a key that is not among the known ones."""
    known = tuple(known)
    for key in given:
        if key not in known:
            raise HTTPException(400, f"{key[:100]!r} is unknown here; known are {', '.join(known)}")
