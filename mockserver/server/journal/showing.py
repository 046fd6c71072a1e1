"""The one door through which entries are shown: whatever leaves a journal comes from here, without its credentials."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.core.errors import Breach, Invalid, Refusal
from mockserver.core.provider import Provider
from mockserver.server.journal.entries import Entry
from mockserver.server.journal.trimming import LONGEST_HEADER
from mockserver.server.redaction import SECRET_HEADERS, Redactor
from mockserver.server.sandboxes import ServedSandbox

# So many credentials that no world knows are looked for beyond the entry that shows them.
MOST_STRANGERS = 32
LONGEST_SENTENCE = 500


@dataclass(frozen=True, slots=True)
class Body:
    """`content` is without credentials; `text` is None where it is no UTF-8."""

    content: bytes
    text: str | None

    @property
    def written(self) -> str:
        return base64.b64encode(self.content).decode() if self.text is None else self.text

    @property
    def form(self) -> str:
        return "base64" if self.text is None else "text"


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry without its credentials. `caller` is whose credential it came with, where a world knows it."""

    entry: Entry
    redactor: Redactor
    caller: str | None
    method: str
    path: str
    query: str
    request_headers: Sequence[tuple[str, str]]
    request_body: Body
    answer_headers: Sequence[tuple[str, str]]
    answer_body: Body

    def sentence(self, text: str) -> str:
        """Any words about the entry, fit to be shown."""
        shown = self.redactor.hidden(text).encode("utf-8", "replace").decode()
        return shown if len(shown) <= LONGEST_SENTENCE else f"{shown[:LONGEST_SENTENCE]}…"

    @property
    def operation(self) -> str | None:
        """The operationId; None where the request is unmatched."""
        entry = self.entry
        return None if entry.operation is None or entry.unmatched else entry.operation.id

    def changed(self) -> list[dict[str, str]]:
        return [
            {
                "provider": provider,
                "collection": change.collection,
                "id": self.sentence(change.key),
                "change": "created"
                if change.before is None
                else "deleted"
                if change.after is None
                else "updated",
            }
            for provider, changes in self.entry.changes
            for change in changes
        ]

    def as_json(self) -> dict[str, Any]:
        entry = self.entry
        return {
            "id": entry.id,
            "sandbox": entry.sandbox,
            "at": entry.at.isoformat(),
            "provider": entry.provider.name,
            "operation": self.operation,
            "request": {
                "method": self.method,
                "path": self.path,
                "query": self.query,
                "headers": [list(header) for header in self.request_headers],
                "body": self.request_body.written,
                "body_is": self.request_body.form,
            },
            "answer": {
                "status": entry.answer.status,
                "headers": [list(header) for header in self.answer_headers],
                "body": self.answer_body.written,
                "body_is": self.answer_body.form,
            },
            "refusal": None if entry.refusal is None else self.sentence(told(entry.refusal)),
            "fault": None if entry.fault is None else self.sentence(entry.fault),
            "took_ms": round(entry.took * 1000, 3),
            "cut": bool(entry.cut),
            "cut_parts": list(entry.cut),
            "changed": self.changed(),
        }


class Showing:
    """Shows the entries of one sandbox, as it is now: made anew for every look. `more` are further secrets."""

    def __init__(
        self, providers: Iterable[Provider], sandbox: ServedSandbox, more: Iterable[str] = ()
    ) -> None:
        callers: dict[str, str] = {}
        for provider in providers:
            callers |= provider.callers(sandbox.worlds[provider.name])
        self._callers = {_spelling(credential): name for credential, name in callers.items()}
        webhooks = (target.secret for target in sandbox.outbox.targets.values())
        self._known = {*callers, *webhooks, *more}
        self._known |= _strangers(reversed(sandbox.journal), self._known)
        self._redactor = Redactor(self._known)
        self._redactors: dict[tuple[str, ...], Redactor] = {}

    def shown(self, entry: Entry) -> Shown:
        request, answer, redactor = entry.request, entry.answer, self._redactor_of(entry)
        return Shown(
            entry=entry,
            redactor=redactor,
            caller=self._callers.get(_spelling(request.headers.joined("authorization") or "")),
            method=redactor.hidden(request.method),
            path=redactor.hidden(request.path),
            query=redactor.hidden(request.query),
            request_headers=_headers(
                redactor,
                [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
            ),
            request_body=_body(redactor, request.body, "request.body" in entry.cut),
            answer_headers=_headers(redactor, answer.headers),
            # What would have been there was not sent.
            answer_body=_body(
                redactor, b"" if request.method == "HEAD" else answer.body, "answer.body" in entry.cut
            ),
        )

    def _redactor_of(self, entry: Entry) -> Redactor:
        own = tuple(_secrets(entry))
        if all(secret in self._known and len(secret) < LONGEST_HEADER for secret in own):
            return self._redactor
        found = self._redactors.get(own)
        if found is None:
            cut = [secret for secret in own if len(secret) >= LONGEST_HEADER]
            found = self._redactors[own] = Redactor({*self._known, *own}, cut)
        return found


def told(refusal: Refusal) -> str:
    """Why something was refused, in the model's own words."""
    if isinstance(refusal, Invalid):
        details = [_told_breach(breach) for breach in refusal.breaches]
    else:
        details = [str(part) for part in refusal.args if part != ""]
    kind = type(refusal).__name__
    return f"{kind}: {'; '.join(details)}" if details else kind


def _told_breach(breach: Breach) -> str:
    expected = f" ({breach.expected})" if breach.expected is not None else ""
    return f"{'/'.join((breach.where, *breach.pointer))} {breach.rule}{expected}"


def _secrets(entry: Entry) -> Iterable[str]:
    """The credentials in an entry's own headers."""
    for name, value in entry.request.headers.raw:
        if name.decode("latin-1").lower() in SECRET_HEADERS:
            yield value.decode("latin-1")
    yield from (text for header, text in entry.answer.headers if header.lower() in SECRET_HEADERS)


def without_own_secrets(entry: Entry, text: str) -> str:
    """The text without the credentials of its own request: for what is told while it happens, and has to be cheap."""
    secrets = [*_secrets(entry)]
    if any(word in text for secret in secrets for word in secret.split()):
        return Redactor(secrets).text(text)
    return text


def _strangers(entries: Iterable[Entry], known: set[str]) -> set[str]:
    found: set[str] = set()
    for entry in entries:
        found.update(secret for secret in _secrets(entry) if secret not in known)
        if len(found) >= MOST_STRANGERS:
            break
    return found


def _spelling(credential: str) -> str:
    """The same for all spellings of one Authorization that vendors take for the same."""
    scheme, blank, token = credential.strip().partition(" ")
    return f"{scheme.lower()} {token.strip()}" if blank else credential


def _headers(redactor: Redactor, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(redactor.hidden(name), redactor.header(name, value)) for name, value in headers]


def _body(redactor: Redactor, content: bytes, cut: bool) -> Body:
    shown = redactor.end(content) if cut else redactor.data(content)
    # What was cut may have been cut within a letter.
    for shorter in range(4 if cut else 1):
        try:
            kept = shown[: len(shown) - shorter]
            return Body(kept, kept.decode())
        except UnicodeDecodeError:
            continue
    return Body(shown, None)


def caller_names(providers: Iterable[Provider], worlds: Mapping[str, Any]) -> dict[str, str]:
    """The Authorization of everybody who may call, by the name that exports give them."""
    found: dict[str, str] = {}
    for provider in providers:
        for credential, name in provider.callers(worlds[provider.name]).items():
            found.setdefault(name, credential)
    return found
