"""What the second implementation of incident.io's import refuses, and how it reads what it is sent."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

Json = dict[str, Any]

LIMIT = 16 * 1024 * 1024


class Refused(Exception):
    def __init__(self, status: int, *errors: Json) -> None:
        self.status, self.errors = status, errors


def error(code: str, message: str, field: str | None = None, **more: Any) -> Json:
    pointer = "" if field == "body" else f"/{field}"
    source = {} if field is None else {"source": {"pointer": pointer, "in": "body", "field": field}}
    return {"message": message, "help": "https://docs.example.com", "code": code, **source, **more}


def choice(name: str, choices: tuple[str, ...], value: str, field: str | None = None) -> Json:
    offered = ", ".join(f'"{one}"' for one in choices)
    words = f'value of {name} must be one of {offered} but got value "{value}"'
    return error("invalid_enum_value", words, field)


def read(
    request: Request, raw: bytes, required: tuple[str, ...], choices: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """The strings of a body, read as Go reads one. Those with choices that are not required may be missing."""
    if len(raw) > LIMIT:
        raise Refused(413, error("payload_too_large", "The body is too large."))
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in ("", "application/json") and not kind.endswith("+json"):
        raise Refused(400, error("unsupported_media_type", f"unsupported media type {kind}"))
    if not raw.strip():
        raise Refused(422, error("missing_payload", "missing required payload"))
    try:
        text = raw.decode("utf-8", "a replacement for each byte").lstrip(" \t\r\n")
        body, _ = json.JSONDecoder(parse_constant=no_json).raw_decode(text)
    except (ValueError, RecursionError) as fault:
        raise Refused(400, error("decode_payload", str(fault)[:200])) from fault
    if not isinstance(body, dict):
        words = 'invalid value for "body", must be an object'
        raise Refused(422, error("invalid_field_type", words, "body"))
    errors, found = [], {}
    for name in dict.fromkeys((*required, *choices)):
        value = body.get(name)
        if value is None and name not in required:
            continue
        if value is None:
            errors.append(error("missing_field", f'"{name}" is missing from body', name))
        elif not isinstance(value, str):
            words = f'invalid value {json.dumps(value)} for "{name}", must be a string'
            errors.append(error("invalid_field_type", words, name))
        elif name in choices and value not in choices[name]:
            errors.append(choice(f"body.{name}", choices[name], value, name))
        else:
            found[name] = re.sub("[\ud800-\udfff]", "\ufffd", value)
    if errors:
        raise Refused(422, *errors)
    return found


def no_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


codecs.register_error(
    "a replacement for each byte",
    lambda fault: (
        ("\ufffd" * (fault.end - fault.start), fault.end)
        if isinstance(fault, UnicodeDecodeError)
        else ("", 0)
    ),
)
