"""What was asked and answered, as the mock kept it."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack, overload

import httpx

from mockserver.client.calls import AsyncPart, Call, Part, awaited, nothing, parsed, sync

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Message:
    """Credentials among the headers are redacted by the mock."""

    headers: Sequence[tuple[str, str]]
    body: bytes

    def json(self) -> Any:
        """Raises ValueError for a body that is none."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def header(self, name: str) -> str | None:
        """The first of this name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Asked(Message):
    """`path` and `query` as they were sent."""

    method: str
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class Answered(Message):
    status: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its answer.

    `operation` is None where no operation of the vendor was meant; `near_misses` then say which almost was, where they
    were asked for. `data` is all that the mock said of it.
    """

    id: str
    at: datetime
    provider: str
    operation: str | None
    request: Asked
    answer: Answered
    refusal: Any
    fault: str | None
    changed: Sequence[Mapping[str, Any]]
    near_misses: Sequence[Mapping[str, Any]]
    data: Mapping[str, Any]

    @property
    def status(self) -> int:
        return self.answer.status

    def __str__(self) -> str:
        query = f"?{self.request.query}" if self.request.query else ""
        fault = f"  fault {self.fault}" if self.fault else ""
        return f"{self.request.method} {self.request.path}{query} {self.status}{fault}"


@dataclass(frozen=True, slots=True)
class ContractBreach:
    """`by` is `client` or `mock`; `where` the place in the message, `entry` the id of the exchange."""

    entry: str
    by: str
    operation: str | None
    kind: str
    message: str
    where: str


class Filters(TypedDict, total=False):
    """What entries are chosen by, as in docs/journal.md; None chooses nothing."""

    provider: str | None
    operation: str | None
    method: str | None
    path: str | None
    status: int | str | None
    contains: str | None
    fault: str | None
    matched: bool | None
    after: str | None


def find(*, limit: int = MOST, **filters: Unpack[Filters]) -> Call[list[Entry]]:
    """The last `limit` entries that match everything given, the oldest first."""
    return Call("GET", "/journal", _entries, {**filters, "limit": limit})


def count(**filters: Unpack[Filters]) -> Call[int]:
    """How many entries match everything given."""
    return Call("GET", "/journal/count", _count, {**filters})


def unmatched() -> Call[list[Entry]]:
    """Requests that no operation answered, each with the operations that it nearly met."""
    return Call("GET", "/journal/unmatched", _entries)


def breaches(by: str | None = None) -> Call[list[ContractBreach]]:
    """Where the `client`, or the `mock`, did not keep to the vendor's document."""
    return Call("GET", "/journal/breaches", _breaches, {"by": by})


def get(id: str) -> Call[Entry]:
    """Raises NotThere for an entry that is not, or no longer, there."""
    return Call("GET", f"/journal/{id}", lambda answer: _entry(answer.json()))


def har() -> Call[dict[str, Any]]:
    """The journal as an HTTP archive, for the tools that read these."""
    return Call("GET", "/journal/har", parsed)


def explain(id: str) -> Call[dict[str, Any]]:
    """Why an exchange went as it went: rules with grade and source, changes, place in the document. By the id of the
    entry or by the vendor's own request_id."""
    return Call("GET", f"/explain/{id}", parsed)


def clear() -> Call[None]:
    return Call("DELETE", "/journal", nothing)


class Journal(Part):
    """A list of what is kept now: each look asks the mock."""

    find = sync(find)
    count = sync(count)
    unmatched = sync(unmatched)
    breaches = sync(breaches)
    get = sync(get)
    har = sync(har)
    explain = sync(explain)
    clear = sync(clear)

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.find())

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> list[Entry]: ...
    def __getitem__(self, at: int | slice) -> Entry | list[Entry]:
        return self.find()[at]


class AsyncJournal(AsyncPart):
    find = awaited(find)
    count = awaited(count)
    unmatched = awaited(unmatched)
    breaches = awaited(breaches)
    get = awaited(get)
    har = awaited(har)
    explain = awaited(explain)
    clear = awaited(clear)


def _entries(answer: httpx.Response) -> list[Entry]:
    return [_entry(data) for data in answer.json()["entries"]]


def _count(answer: httpx.Response) -> int:
    return int(answer.json()["count"])


def _breaches(answer: httpx.Response) -> list[ContractBreach]:
    return [
        ContractBreach(
            found["entry"], found["by"], found["operation"], found["kind"], found["message"], found["where"]
        )
        for found in answer.json()["breaches"]
    ]


def _entry(data: Mapping[str, Any]) -> Entry:
    asked, answered = data["request"], data["answer"]
    return Entry(
        id=data["id"],
        at=datetime.fromisoformat(data["at"]),
        provider=data["provider"],
        operation=data["operation"],
        request=Asked(_headers(asked), _body(asked), asked["method"], asked["path"], asked["query"]),
        answer=Answered(_headers(answered), _body(answered), answered["status"]),
        refusal=data["refusal"],
        fault=data["fault"],
        changed=data.get("changed", ()),
        near_misses=data.get("near_misses", ()),
        data=data,
    )


def _headers(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in message["headers"]]


def _body(message: Mapping[str, Any]) -> bytes:
    body = message["body"] or ""
    return b64decode(body) if message.get("body_is") == "base64" else body.encode()
