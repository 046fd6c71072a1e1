"""How Grafana OnCall reads a request, as far as its rules say. What they leave open is UNSURE, and not judged."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal
from urllib.parse import urlsplit

from contract_tests.exchange import Asked

Json = dict[str, Any]

POSTMORTEMS, MESSAGES, NOTES = "postmortems", "postmortem_messages", "resolution_notes"
GROUPS, USERS = "alert_groups", "users"
RECORDS = (POSTMORTEMS, MESSAGES, NOTES)
VERBS = ("acknowledge", "unacknowledge", "resolve", "unresolve", "silence", "unsilence")
API = "/api/v1/"

REQUIRED = ["This field is required."]
NOT_NULL = ["This field may not be null."]
NOT_BLANK = ["This field may not be blank."]
NO_STRING = ["Not a valid string."]
NO_OBJECT = ["Object does not exist"]


class Unsure(Enum):
    UNSURE = "the rules do not say"


UNSURE = Unsure.UNSURE
Sure = Literal[Unsure.UNSURE]


@dataclass(frozen=True)
class Refused:
    """What a request is to be answered with. A body of UNSURE is any, a text that ends in … a beginning."""

    status: int
    body: Any
    rule: str


@dataclass(frozen=True)
class Route:
    resource: str  # "" for an unknown path
    id: str = ""
    verb: str = ""

    @property
    def methods(self) -> tuple[str, ...]:
        if self.verb:
            return ("POST", "OPTIONS")
        if self.resource in (GROUPS, USERS):
            changing = ("DELETE",) if self.id and self.resource == GROUPS else ()
            return ("GET", *changing, "HEAD", "OPTIONS")
        return ("GET", *(("PUT", "PATCH", "DELETE") if self.id else ("POST",)), "HEAD", "OPTIONS")


def route_of(path: str) -> Route | Sure:
    """The route of a path after /api/v1/. An id that no address can hold in one piece is UNSURE."""
    match = re.fullmatch(r"([a-z_]+)(?:/([^/]*)(?:/([^/]*))?)?/?", path)
    if not match or match[1] not in (*RECORDS, GROUPS, USERS):
        return Route("") if re.fullmatch(r"[A-Za-z0-9_./-]*", path) and "//" not in path else UNSURE
    resource, id_, verb = match[1], match[2] or "", match[3] or ""
    if "//" in path or not re.fullmatch(r"[A-Za-z0-9.]*", id_):
        return UNSURE
    if "." in id_ or (verb and (resource != GROUPS or verb not in VERBS)):
        return Route("")
    return Route(resource, id_, verb)


def accepts_json(asked: Asked) -> bool | Sure:
    header = asked.header("Accept")
    if not header:
        return True
    kinds = [kind.strip().lower() for kind in header.split(",")]
    if any(kind in ("*/*", "application/json", "application/*") for kind in kinds):
        return True
    if all(kind in ("text/html", "application/xml", "text/plain") for kind in kinds):
        return False
    return UNSURE


def last(query: list[tuple[str, str]], name: str) -> str | None:
    """Of several values the last one counts."""
    return next((value for key, value in reversed(query) if key == name), None)


def whole_number(query: list[tuple[str, str]], name: str, default: int) -> int | Sure:
    values = {value for key, value in query if key == name}
    if not values:
        return default
    if len(values) > 1:
        return UNSURE
    value = values.pop()
    if re.fullmatch("[1-9][0-9]{0,3000}", value):
        return int(value)
    if re.fullmatch(r"\s*\+?[\d_\s]+\s*", value) and value != "0":
        return UNSURE  # 05, +5, 1_0, digits of other scripts
    return default


def read_body(asked: Asked) -> Any:
    """The JSON value of a body; else Refused, or UNSURE."""
    if any(asked.header(name) for name in ("Transfer-Encoding", "Content-Encoding")):
        return UNSURE
    if not asked.body:
        return {}
    announced = [value for name, value in asked.headers if name.lower() == "content-type"]
    kind = announced[0].strip().lower() if announced else ""
    if len(announced) > 1 or kind.startswith(("application/x-www-form-urlencoded", "multipart/")):
        return UNSURE
    if not re.fullmatch(r"application/json(\s*;\s*charset=\"?utf-8\"?)?", kind):
        if kind and not re.fullmatch(r"[a-z]+/[a-z.+-]+", kind):
            return UNSURE
        detail = {"detail": f'Unsupported media type "{kind}" in request.'}
        return Refused(
            415, detail if not kind or kind == announced[0] else UNSURE, "content-type.unsupported"
        )
    return _read_json(asked.body)


def _read_json(body: bytes) -> Any:
    malformed = Refused(400, {"detail": "JSON parse error - …"}, "body.malformed")
    if re.search(rb"[0-9]{300}|^\xef\xbb\xbf", body) or body.count(b"[") + body.count(b"{") > 100:
        return UNSURE  # deep, long numbers, a byte order mark
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except ValueError:
        return malformed


def _no_constant(name: str) -> None:
    raise ValueError(name)


def fields_of(asked: Asked) -> Json | Refused | Sure:
    """The members of a body that is to be an object."""
    value = read_body(asked)
    if isinstance(value, dict | Refused) or value is UNSURE:
        return value
    words = f"Invalid data. Expected a dictionary, but got {type(value).__name__}."
    words = "No data provided" if value is None else words
    return Refused(400, {"non_field_errors": [words]}, "body.not-an-object")


def text_of(fields: Json, *, partial: bool) -> str | list[str] | Sure | None:
    """The text as it is kept, None for one that may be left out, or the words that refuse it."""
    if "text" not in fields:
        return None if partial else REQUIRED
    text = fields["text"]
    if text is None:
        return NOT_NULL
    if isinstance(text, bool | list | dict):
        return NO_STRING
    if isinstance(text, float):
        return str(text) if 1e-4 <= abs(text) < 1e16 or text == 0 else UNSURE
    if isinstance(text, int):
        return str(text)
    return _kept(text)


def _kept(text: str) -> str | list[str] | Sure:
    kept = text.strip()
    if not kept:
        return NOT_BLANK
    surrogate = next((letter for letter in kept if "\ud800" <= letter <= "\udfff"), None)
    if surrogate and "\0" in kept:
        return UNSURE
    if surrogate:
        return [f"Surrogate characters are not allowed: U+{ord(surrogate):X}."]
    return ["Null characters are not allowed."] if "\0" in kept else kept


def raw_query(asked: Asked) -> str:
    return urlsplit(asked.target).query


def is_plain_query(asked: Asked) -> bool:
    """Whether every reader decodes it alike."""
    query = raw_query(asked)
    if not re.fullmatch(r"(?:[A-Za-z0-9_.~*+=&-]|%[0-9A-Fa-f]{2})*", query):
        return False
    return not any("\ufffd" in name + value for name, value in asked.query)
