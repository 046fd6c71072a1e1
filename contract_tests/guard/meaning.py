"""What a request does to the server, told from its bytes alone: read, create, change, delete, or nobody knows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from contract_tests.exchange import Answered, Asked
from contract_tests.guard.grafana_oncall import GRAFANA_ONCALL
from contract_tests.guard.incident_io import INCIDENT_IO
from contract_tests.guard.vendors import Kind, Operation, Vendor

VENDORS = (GRAFANA_ONCALL, INCIDENT_IO)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

# A path that every server reads alike: nothing encoded, nothing empty, no dots alone.
_PLAIN = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9_.~-]+)*/?")
_OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
_OVERRIDE = "_method"
_KEY_LENGTH = 16

Ref = tuple[str, str]  # a resource and an id


@dataclass(frozen=True)
class Effect:
    kind: Kind
    operation: Operation | None = None
    vendor: Vendor | None = None
    id: str = ""  # of what is changed or deleted
    into: tuple[str, ...] = ()  # ids of what a create adds to
    doubt: str = ""  # why a create might do more than create, or why nobody knows

    @property
    def template(self) -> str:
        return self.operation.template if self.operation else ""

    @property
    def name(self) -> str:
        return self.operation.name if self.operation else ""

    @property
    def ref(self) -> Ref:
        return (self.operation.resource if self.operation else "", self.id)


def effect_of(asked: Asked, prefix: str = "") -> Effect:
    """`prefix` is the path of the API's base URL."""
    raw_path, _, query = asked.target.partition("?")
    path = raw_path.removeprefix(prefix)
    vendor = vendor_of(path)
    overridden = _override(asked, query)
    if asked.method in SAFE:
        found = _match("GET" if asked.method == "HEAD" else asked.method, unquote(path), vendor)
        operation = found[0] if found else None
        if overridden:
            return Effect("unknown", operation, vendor, doubt=overridden)
        return Effect("read", operation, vendor)
    found = _match(asked.method, path, vendor) if _PLAIN.fullmatch(path) else None
    if found is None or overridden:
        return Effect("unknown", found[0] if found else None, vendor, doubt=overridden or _unknown(path))
    operation, id_ = found
    body = _members(asked)
    if operation.kind == "create":
        named = (id_,) if id_ else tuple(_values(body or [], operation.part_of))
        return Effect("create", operation, vendor, into=named, doubt=_create_doubt(operation, body))
    if not id_:  # the body names what is changed
        ids = set(_values(body or [], operation.part_of))
        id_ = ids.pop() if len(ids) == 1 else ""
    return Effect(operation.kind, operation, vendor, id=id_)


def is_plain(path: str) -> bool:
    """Whether every server reads this path alike."""
    return _PLAIN.fullmatch(path) is not None


def vendor_of(path: str) -> Vendor | None:
    return next((vendor for vendor in VENDORS if path.startswith(vendor.paths)), None)


def made(operation: Operation, answered: Answered) -> str:
    """The id of what a create has made, "" if the answer does not say."""
    try:
        body = answered.json()
    except (ValueError, RecursionError):
        return ""
    record = body.get(operation.wrapped) if operation.wrapped and isinstance(body, dict) else body
    id_ = record.get("id") if isinstance(record, dict) else None
    return id_ if isinstance(id_, str) and _PLAIN.fullmatch(f"/{id_}") else ""


def sent_text(operation: Operation, vendor: Vendor, asked: Asked) -> str:
    """What a create wrote, as far as a list would show it."""
    listing = vendor.listings.get(operation.resource)
    texts = _values(_members(asked) or [], listing.text) if listing else []
    return texts[0] if len(texts) == 1 else ""


def _match(method: str, path: str, vendor: Vendor | None) -> tuple[Operation, str] | None:
    """The operation, and the id in its path. A slash at the end may be there or not."""
    wanted = path.strip("/").split("/")
    best: tuple[Operation, str] | None = None
    for operation, segments in _TABLE.get(vendor.name if vendor else "", ()):
        if len(segments) != len(wanted) or (operation.method != method and method != "OPTIONS"):
            continue
        pairs = list(zip(segments, wanted, strict=True))
        if all(segment in (given, "{id}") for segment, given in pairs):
            id_ = next((given for segment, given in pairs if segment == "{id}"), "")
            if not id_:
                return operation, id_
            best = best or (operation, id_)
    return best


_TABLE = {
    vendor.name: [(operation, operation.template.strip("/").split("/")) for operation in vendor.operations]
    for vendor in VENDORS
}


def _override(asked: Asked, query: str) -> str:
    """Some frameworks let a request say that it has another method."""
    if any(name.lower() in _OVERRIDES for name, _ in asked.headers):
        return "a header says that the method is another"
    if _OVERRIDE in query and any(name == _OVERRIDE for name, _ in parse_qsl(query, keep_blank_values=True)):
        return "the query says that the method is another"
    if _OVERRIDE.encode() in asked.body and "form" in (asked.header("Content-Type") or "").lower():
        return "the body says that the method is another"
    return ""


def _unknown(path: str) -> str:
    if not _PLAIN.fullmatch(path):
        return "servers may read its path differently"
    return "nobody knows what it does"


def _create_doubt(operation: Operation, body: list[tuple[str, Any]] | None) -> str:
    if body is None:  # servers differ in what they still take for JSON
        return "its body cannot be read" if operation.lasting else ""
    if operation.resource == "incident" and set(_values(body, "mode")) != {"test"}:
        return "only incidents of mode test are opened"
    if operation.resource in ("incident", "incident_update") and any(
        not isinstance(value, str) or len(value) < _KEY_LENGTH
        for name, value in body
        if name.lower() == "idempotency_key"
    ):
        # The answer would be what somebody else has made with the same key.
        return f"an idempotency_key shorter than {_KEY_LENGTH} may be somebody else's"
    return ""


def _members(asked: Asked) -> list[tuple[str, Any]] | None:
    """The members of a body, in JSON or a form, given twice or not. None if it is neither."""
    if not asked.body:
        return []
    try:
        read = json.loads(asked.body, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return [*_form(asked)] or None
    return list(read) if isinstance(read, _Pairs) else []


class _Pairs(list[tuple[str, Any]]):
    """The members of an object."""


def _form(asked: Asked) -> Iterator[tuple[str, str]]:
    kind = (asked.header("Content-Type") or "").lower()
    if "urlencoded" in kind:
        yield from parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True)
    elif "multipart" in kind:
        for part in re.finditer(
            rb'name="([^"]*)"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n(.*?)\r\n--', asked.body, re.S
        ):
            yield part[1].decode("utf-8", "replace"), part[2].decode("utf-8", "replace")


def _values(body: list[tuple[str, Any]], member: str) -> list[str]:
    """Every value of a member, in whatever case its name is: Go's decoder takes them all."""
    return [
        value if isinstance(value, str) else json.dumps(value, default=list)
        for name, value in body
        if name.lower() == member
    ]
