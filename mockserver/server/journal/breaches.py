"""Where a client, or the mock itself, did not keep to the document: worked out when somebody looks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Literal
from urllib.parse import parse_qsl

from mockserver.core import jsontext
from mockserver.core.exchange import Request
from mockserver.server.compiled import pointer
from mockserver.server.complaints import ContractBreach
from mockserver.server.journal.arguments import breaches_of_query
from mockserver.server.journal.contract import Content, Contracts, DocumentedOperation
from mockserver.server.journal.entries import Entry
from mockserver.server.journal.fields import findings
from mockserver.server.journal.nearmisses import Route, near_misses
from mockserver.server.journal.showing import Shown

# Of one entry; a body may be wrong in thousands of places.
MOST = 20
By = Literal["client", "mock"]
_CHARSET = re.compile(r"(?i);\s*charset\s*=\s*\"?([\w-]+)")
_UNICODE = ("utf-8", "utf-16", "utf-32", "utf8", "utf16", "utf32")
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Breach:
    """`where` is a JSON pointer into the entry as JSON, as far as it goes: a body is parsed on the way."""

    entry: str
    by: By
    operation: str | None
    kind: str
    message: str
    where: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Found = tuple[str, str, str]


class Breaches:
    def __init__(self, contracts: Contracts, routes: Sequence[Route]) -> None:
        self._contracts = contracts
        self._routes = routes

    def of(self, shown: Shown, by: By | None = None) -> list[Breach]:
        """Every breach of one entry, up to MOST, the client's first."""
        entry = shown.entry
        found: list[tuple[By, Found]] = []
        if by != "mock":
            found += [("client", breach) for breach in islice(self._by_client(entry), MOST)]
        if by != "client":
            found += [("mock", breach) for breach in self._by_mock(entry)]
        return [
            Breach(entry.id, whose, shown.operation, kind, shown.sentence(message), shown.sentence(where))
            for whose, (kind, message, where) in found
        ]

    def _by_client(self, entry: Entry) -> Iterator[Found]:
        if entry.unmatched or entry.operation is None:
            yield self._unmatched(entry)
            return
        documented = self._contracts.of(entry.provider.name, entry.operation)
        if documented is None:
            return
        if documented.deprecated:
            yield "deprecated-operation", f"{documented.id} is deprecated", "/request/path"
        yield from _credential(documented, entry)
        if "request.query" not in entry.cut:
            pairs = parse_qsl(entry.request.query, keep_blank_values=True, errors="replace")
            yield from breaches_of_query(documented, pairs)
        yield from _body(documented, entry)

    def _unmatched(self, entry: Entry) -> Found:
        near = next(iter(near_misses(entry, self._routes)), None)
        meant = "" if near is None else f"; near is {near.method} {near.path}: {near.reason}"
        request = entry.request
        if near is not None and near.reason.startswith("path matches, "):
            return "undocumented-method", f"{near.path} has no {request.method}", "/request/method"
        return "undocumented-path", f"there is no operation at {request.path}{meant}", "/request/path"

    def _by_mock(self, entry: Entry) -> Iterator[Found]:
        """What a fault has done, or the mock for itself, is nobody's breach."""
        if entry.unmatched or entry.operation is None or entry.fault is not None or entry.turned_away:
            return
        documented = self._contracts.of(entry.provider.name, entry.operation)
        if documented is None or "answer.body" in entry.cut or "answer.headers" in entry.cut:
            return
        try:
            documented.responses.hold_whole(entry.answer)
        except ContractBreach as breach:
            yield f"answer-{breach.kind}", str(breach), f"/answer{breach.where}"


def _credential(documented: DocumentedOperation, entry: Entry) -> Iterator[Found]:
    if documented.credential is None:
        return
    header, scheme = documented.credential
    value = entry.request.headers.first(header)
    if not value:
        yield "missing-credential", f"the header {header} is missing", f"/request/headers/{header}"
    elif scheme and value.partition(" ")[0].lower() != scheme:
        yield (
            "credential-form",
            f"the header {header} must begin with {scheme.title()}",
            f"/request/headers/{header}",
        )


def _body(documented: DocumentedOperation, entry: Entry) -> Iterator[Found]:
    request = entry.request
    if request.oversized:
        return
    if not request.body.strip():
        if documented.body_required:
            yield "missing-body", f"{documented.id} wants a body", "/request/body"
        return
    if not documented.content:
        # Many clients send an empty object with every POST.
        if request.method in ("GET", "HEAD", "DELETE") or request.body.strip() != b"{}":
            yield "unexpected-body", f"{request.method} of {documented.id} has no body", "/request/body"
        return
    declared = (request.headers.first("content-type") or "").partition(";")[0].strip().lower()
    content = documented.content.get(declared)
    if content is None and declared not in documented.also_consumes:
        wanted = " or ".join(documented.content)
        sent = f"as {declared}" if declared else "without a Content-Type"
        yield "content-type", f"the body is sent {sent}, wanted is {wanted}", "/request/headers/content-type"
        content = documented.content.get("application/json")
    if "request.body" in entry.cut:
        return
    if declared == FORM:
        fields = dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
        yield from _unknown_fields(documented, documented.content.get("application/json"), fields)
    elif content is not None and (not declared or "json" in declared):
        yield from _json(documented, content, request)


def _json(documented: DocumentedOperation, content: Content, request: Request) -> Iterator[Found]:
    try:
        payload = jsontext.without_surrogates(jsontext.parse(_text(request)))
    except (ValueError, LookupError) as error:
        yield "malformed-body", f"the body is no JSON: {error}", "/request/body"
        return
    for wrong in content.validator.iter_errors(payload):
        if wrong.kind.name != "additionalProperties":  # told field by field
            yield "body", wrong.message, pointer("request", "body", *wrong.instance_path)
    yield from _unknown_fields(documented, content, payload)


def _text(request: Request) -> str:
    """In the charset that the request names. Raises ValueError, and LookupError for a charset that is none."""
    named = _CHARSET.search(request.headers.first("content-type") or "")
    return request.body.decode(named[1] if named and named[1].lower().startswith(_UNICODE) else "utf-8")


def _unknown_fields(
    documented: DocumentedOperation, content: Content | None, payload: object
) -> Iterator[Found]:
    if content is None:
        return
    for finding in findings([content.schema], payload, documented.components):
        name = finding.steps[-1]
        where = pointer("request", "body", *finding.steps)
        if finding.kind == "unknown":
            yield "unknown-field", f"{documented.id} has no field {name!r}", where
        else:
            yield "deprecated-field", f"the field {name!r} is deprecated", where
