"""Looks for records whose create was never answered, where the API can list them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from contract_tests.exchange import Answered
from contract_tests.guard.ledger import Book, Entry
from contract_tests.guard.meaning import VENDORS, is_plain
from contract_tests.guard.ownership import digest
from contract_tests.guard.vendors import Listing, Vendor

PAGES = 200
BEFORE, AFTER = 5.0, 300.0  # seconds around the create in which its record must have been made

Credentials = Callable[[Entry], list[tuple[str, bool]]]


class Send(Protocol):
    def __call__(
        self, method: str, path: str, credential: str, query: dict[str, str] | None = None
    ) -> Answered: ...


@dataclass(frozen=True)
class Found:
    ids: tuple[str, ...] = ()
    problem: str = ""  # why nobody knows


class Finder:
    def __init__(self, book: Book, send: Send, credentials: Credentials) -> None:
        self._book = book
        self._send = send
        self._credentials = credentials

    def find(self, entry: Entry) -> Found:
        """The records that this create must have made. Raises what `send` raises."""
        vendor = vendor_of(entry)
        listing = vendor.listings.get(entry.intent.resource)
        credentials = self._credentials(entry)
        if listing is None or not credentials:
            return Found(problem="there is no way to look for it")
        tag = self._book.run.tag
        mine: list[str] = []
        alike: list[str] = []
        try:
            for record, skew in self._records(listing, entry, credentials[0][0]):
                id_, text = record.get("id"), record.get(listing.text)
                if not isinstance(id_, str) or not isinstance(text, str) or not is_plain(f"/{id_}"):
                    continue
                if self._book.owns((entry.intent.resource, id_)) or _dead(vendor, record):
                    continue
                if tag and tag in text:
                    mine.append(id_)
                elif entry.intent.text == digest(text) and _in_time(record, entry, skew):
                    alike.append(id_)
        except _Unlisted as problem:
            return Found(problem=str(problem))
        if mine or not alike:
            return Found(tuple(mine))
        # Without the tag nothing tells it from what somebody else has written.
        return Found(problem=f"it may be {' or '.join(alike)}")

    def listed(self, entry: Entry) -> set[str]:
        """The ids of what is listed where this was made; none if nothing can be listed. Raises what `send` raises."""
        vendor = vendor_of(entry)
        listing = vendor.listings.get(entry.intent.resource)
        credentials = self._credentials(entry)
        if listing is None or not credentials:
            return set()
        try:
            records = [record for record, _ in self._records(listing, entry, credentials[0][0])]
        except _Unlisted:
            return set()
        return {str(record.get("id")) for record in records if not _dead(vendor, record)}

    def is_dead(self, entry: Entry, shown: Answered) -> bool:
        """Whether a record that is still shown says of itself that it is deleted."""
        try:
            body = shown.json()
        except ValueError:
            return False
        vendor = vendor_of(entry)
        records = [body, *body.values()] if isinstance(body, dict) else []
        return any(isinstance(record, dict) and _dead(vendor, record) for record in records)

    def _records(
        self, listing: Listing, entry: Entry, credential: str
    ) -> Iterator[tuple[dict[str, Any], float]]:
        """Each record, and how many seconds the server's clock is ahead."""
        query = dict(listing.size)
        if entry.intent.into:
            query[listing.filter] = entry.intent.into[0]
        for page in range(1, PAGES + 1):
            if page > 1 and not listing.after:
                query["page"] = str(page)
            answered = self._send("GET", listing.path, credential, query)
            body = _page(answered)
            records = body.get(listing.results)
            if not isinstance(records, list):
                raise _Unlisted(f"the list answered {answered.status}")
            skew = _skew(answered)
            for record in records:
                if isinstance(record, dict):
                    yield record, skew
            if not listing.after and not body.get("next"):
                return
            if listing.after:
                after = (body.get("pagination_meta") or {}).get("after")
                if not isinstance(after, str) or not after:
                    return
                query[listing.after] = after
        raise _Unlisted(f"the list has more than {PAGES} pages")


class _Unlisted(Exception):
    pass


def vendor_of(entry: Entry) -> Vendor:
    names = {operation.name: vendor for vendor in VENDORS for operation in vendor.operations}
    return names.get(entry.intent.operation, VENDORS[0])


def _page(answered: Answered) -> dict[str, Any]:
    try:
        body = answered.json()
    except ValueError:
        body = None
    return body if answered.status == 200 and isinstance(body, dict) else {}


def _dead(vendor: Vendor, record: dict[str, Any]) -> bool:
    return bool(vendor.dead) and all(record.get(name) == value for name, value in vendor.dead.items())


def _skew(answered: Answered) -> float:
    date = answered.header("Date")
    try:
        return (
            parsedate_to_datetime(date).timestamp() - datetime.now().astimezone().timestamp() if date else 0.0
        )
    except ValueError:
        return 0.0


def _in_time(record: dict[str, Any], entry: Entry, skew: float) -> bool:
    try:
        created = datetime.fromisoformat(str(record.get("created_at"))).timestamp() - skew
    except ValueError:
        return False
    return entry.intent.at - BEFORE <= created <= entry.intent.at + AFTER
