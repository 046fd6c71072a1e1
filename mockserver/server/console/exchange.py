"""One exchange in full, as a page shows it: what was asked, what was answered, why, and what it changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from mockserver.core.exchange import Headers
from mockserver.server.console.curl import as_curl
from mockserver.server.console.pretty import is_json
from mockserver.server.journal import showing
from mockserver.server.journal.showing import Shown


@dataclass(frozen=True, slots=True)
class Body:
    """`kind` is `none`, `json`, `text` or `base64`; `size` is in bytes, of what was kept."""

    kind: str
    text: str
    size: int

    @classmethod
    def of(cls, body: showing.Body) -> Body:
        if body.text is None:
            return cls("base64", body.written, len(body.content))
        kind = "none" if not body.text else "json" if is_json(body.text) else "text"
        return cls(kind, body.text, len(body.content))


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`before` and `after` as a reader sees them: text as it is, all else as JSON."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RecordChange:
    """`kind` is created, updated or deleted; `fields` are those that an update changed."""

    kind: str
    provider: str
    collection: str
    id: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """`rules` decided; `general` are those that answers of any kind are given by."""

    shown: Shown
    asked: Body
    answered: Body
    curl: str
    decided: str
    rules: tuple[Mapping[str, Any], ...]
    general: tuple[Mapping[str, Any], ...]
    changes: tuple[RecordChange, ...]
    spec: Mapping[str, Any] | None
    breaches: tuple[Mapping[str, Any], ...]
    near_misses: tuple[Mapping[str, Any], ...]


def exchange(shown: Shown, base_url: str, why: Mapping[str, Any]) -> Exchange:
    """`why` is what the control API says of it at /_mock/explain."""
    raw = [
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in shown.request_headers
    ]
    request = replace(
        shown.entry.request,
        method=shown.method,
        path=shown.path,
        query=shown.query,
        headers=Headers(raw),
        body=shown.request_body.content,
    )
    return Exchange(
        shown=shown,
        asked=Body.of(shown.request_body),
        answered=Body.of(shown.answer_body),
        curl=as_curl(request, base_url),
        decided=_sentence(why["decided"]),
        rules=tuple(rule for rule in why["rules"] if not rule["general"]),
        general=tuple(rule for rule in why["rules"] if rule["general"]),
        changes=tuple(_changes(why["changed"])),
        spec=why["spec"],
        breaches=tuple(why.get("breaches", ())),
        near_misses=tuple(why.get("near_misses", ())),
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '…')) else '.'}"


def _changes(told: list[Mapping[str, Any]]) -> Iterator[RecordChange]:
    for change in told:
        before, after = change["before"], change["after"]
        fields = (
            [
                FieldChange(name, _written(before.get(name)), _written(after.get(name)))
                for name in after
                if before.get(name) != after.get(name)
            ]
            if isinstance(before, dict) and isinstance(after, dict)
            else []
        )
        yield RecordChange(
            change["change"], change["provider"], change["collection"], change["id"], tuple(fields)
        )


def _written(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else orjson.dumps(value).decode()
