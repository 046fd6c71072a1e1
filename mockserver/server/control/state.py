"""The control API of a sandbox's state: out as YAML, and in again."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mockserver.core.errors import ConfigurationError
from mockserver.core.jsontext import deeper_than
from mockserver.server import yamlfile
from mockserver.server.control.bodies import read_bytes
from mockserver.server.control.choosing import chosen
from mockserver.server.sandboxes import NoRoom, Sandboxes
from mockserver.server.state.reading import read_state

LARGEST_STATE = 16 * 1024 * 1024
MOST_VALUES = 1_000_000
# As JSON; its writer goes no deeper.
DEEPEST = 250
# What JSON says as it stands, and YAML wants to be escaped.
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# What errors call what was sent.
SENT = Path("state")


def state_routes(sandboxes: Sandboxes) -> list[BaseRoute]:
    async def show(request: Request) -> Response:
        text = sandboxes.export(chosen(sandboxes, request))
        return Response(text, media_type="application/yaml")

    async def put(request: Request) -> Response:
        body = await read_bytes(request, LARGEST_STATE)
        try:
            given = read_state(SENT, _text(request, body), MOST_VALUES)
            sandboxes.load(chosen(sandboxes, request), given, len(body))
        except ConfigurationError as error:
            raise HTTPException(400, str(error)) from None
        except NoRoom as full:
            raise HTTPException(507, f"a sandbox may be sent {full.limit} bytes; raise --max-bytes") from None
        return Response(status_code=204)

    return [Route("/state", show), Route("/state", put, methods=["PUT"])]


def _text(request: Request, body: bytes) -> str:
    """JSON is YAML once it is written the way YAML reads it. Raises ConfigurationError."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return yamlfile.decoded(SENT, body)
    try:
        value = orjson.loads(body)
        if deeper_than(DEEPEST, value):
            raise ConfigurationError(f"{SENT}: more than {DEEPEST} levels deep")
        laid_out = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"{SENT}:{error.lineno}: is no JSON: {error.msg}") from None
    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", laid_out)
