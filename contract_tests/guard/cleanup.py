"""Takes away what a run has made, by its ledger alone: at its end, or after it was killed."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered
from contract_tests.guard.allow import check_allowed
from contract_tests.guard.budget import Clock
from contract_tests.guard.credentials import authorization
from contract_tests.guard.ledger import Entry, Ledger, State, leftovers
from contract_tests.guard.meaning import is_plain
from contract_tests.guard.pace import Pace, parse_rate, told_to_wait
from contract_tests.guard.redaction import Redactor
from contract_tests.guard.search import Finder, vendor_of

GIVE_UP_AFTER = 3  # requests in a row that got no answer


@dataclass
class CleanUp:
    """What a cleanup has done. What was kept is not a leftover: the run was allowed to leave it."""

    removed: int = 0
    already_gone: int = 0
    never_made: int = 0
    kept: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)


def clean(
    ledger: Ledger | Path,
    deployment: Deployment,
    *,
    allow_hosts: Iterable[str] | None = None,
    verify: str | None = None,
    timeout: float = 30.0,
    patience: float = 120.0,
    rate: str = "",
    clock: Clock = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> CleanUp:
    """`allow_hosts` of None trusts the target that the ledger names. Raises LedgerError, NotAllowed.

    `patience` is how many seconds may be spent on waiting for a server that is busy, or not there; `rate`, such as 5/s,
    is how fast requests may leave.
    """
    if isinstance(ledger, Path):
        with Ledger(ledger) as opened:
            return clean(
                opened,
                deployment,
                allow_hosts=allow_hosts,
                verify=verify,
                timeout=timeout,
                patience=patience,
                rate=rate,
                clock=clock,
                sleep=sleep,
            )
    target = ledger.book.run.target
    if allow_hosts is not None:
        check_allowed(target, allow_hosts)
    context = ssl.create_default_context()
    if verify:
        context.load_verify_locations(verify)
    with httpx.Client(verify=context, timeout=timeout, trust_env=False, follow_redirects=False) as http:
        pace = Pace(parse_rate(rate) if rate else 0.0, clock)
        sender = Sender(http, target, patience, pace, sleep)
        return _Cleaning(ledger, deployment, sender).run()


class Gone(Exception):
    """The server does not answer any more, or not what it should."""


@dataclass
class Sender:
    """Sends a request until it is answered, as long as patience lasts."""

    http: httpx.Client
    target: str
    patience: float
    pace: Pace
    sleep: Callable[[float], None]
    silent: int = 0

    def __post_init__(self) -> None:
        self._whole = self.patience

    def send(self, method: str, path: str, credential: str, query: dict[str, str] | None = None) -> Answered:
        """Raises Gone."""
        if self.silent >= GIVE_UP_AFTER:
            raise Gone("not tried, because the server does not answer")
        tries = 0
        while True:
            tries += 1
            wait = min(60.0, 2.0**tries)
            if (turn := self.pace.turn()) > 0:
                self.sleep(turn)
            try:
                got = self.http.request(
                    method,
                    f"{self.target}{path}",
                    params=query,
                    headers=[(b"Authorization", credential.encode("latin-1", "replace"))],
                )
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                reason = str(error) or type(error).__name__
                answered = None
            else:
                answered = Answered(got.status_code, tuple(got.headers.multi_items()), got.content)
                reason = f"answered {answered.status}"
                if answered.status == 429:
                    wait = told_to_wait(answered, time.time(), tries)
                elif answered.status < 500:
                    self.silent, self.patience = 0, self._whole
                    return answered
            if wait > self.patience:
                self.silent += answered is None
                raise Gone(reason)
            self.patience -= wait
            self.sleep(wait)


class _Cleaning:
    def __init__(self, ledger: Ledger, deployment: Deployment, sender: Sender) -> None:
        self._ledger = ledger
        self._deployment = deployment
        self._sender = sender
        self._redactor = Redactor.of(deployment)
        self._finder = Finder(ledger.book, sender.send, self._credentials)
        self._done = CleanUp()

    def run(self) -> CleanUp:
        """What was made last goes first."""
        entries = list(self._ledger.book.entries.values())
        self._doubt(entries)
        for entry in reversed(entries):
            if entry.state == "made":
                self._remove(entry)
            elif entry.open:
                self._look_for(entry)
        book = self._ledger.book
        self._done.kept = leftovers(book.kept())
        self._done.leftovers = leftovers(book.open())
        return self._done

    def _doubt(self, entries: list[Entry]) -> None:
        """What the run has deleted and a list still shows was not deleted."""
        listed: dict[tuple[str, tuple[str, ...]], set[str]] = {}
        for entry in entries:
            if entry.state != "removed" or not entry.id:
                continue
            place = (entry.intent.resource, entry.intent.into)
            if place not in listed:
                try:
                    listed[place] = self._finder.listed(entry)
                except Gone:
                    return
            if entry.id in listed[place]:
                self._ledger.settle(entry.number, "made", why="it is listed after it was deleted")

    def _remove(self, entry: Entry) -> None:
        try:
            self._settle(entry, *self._delete(entry, entry.address))
        except Gone as gone:
            self._settle(entry, "made", str(gone))

    def _look_for(self, entry: Entry) -> None:
        if not entry.intent.removed_at:
            self._settle(entry, "kept", entry.why or "nobody has heard whether it was made")
            return
        try:
            found = self._finder.find(entry)
        except Gone as gone:
            self._settle(entry, "unknown", str(gone))
            return
        if found.problem:
            self._settle(entry, "unknown", found.problem)
        elif not found.ids:
            self._settle(entry, "refused", "it is not in the list")
            self._done.never_made += 1
        for place, id_ in enumerate(found.ids):
            number = entry.number if place == 0 else self._ledger.intend(entry.intent)
            self._ledger.settle(number, "made", id=id_, why="found in the list")
            self._remove(self._ledger.book.entries[number])

    def _delete(self, entry: Entry, address: str) -> tuple[State, str]:
        """What became of it and why. Raises Gone."""
        if not address or not is_plain(address):
            return "made", "no address to delete it at"
        reason = "there is no credential to delete it with"
        for credential, own in self._credentials(entry):
            answered = self._sender.send("DELETE", address, credential)
            reason = f"DELETE answered {answered.status}"
            if 200 <= answered.status < 300:
                return self._verified(entry, address, credential)
            if answered.status in (404, 410) and own and _is_json(answered):
                return "removed", "it was gone"
        return "made", reason

    def _verified(self, entry: Entry, address: str, credential: str) -> tuple[State, str]:
        """A server may say that something is gone, and show it."""
        shown = self._sender.send("GET", address, credential)
        if shown.status == 200 and not self._finder.is_dead(entry, shown):
            return "made", "it is still there after it was deleted"
        return "removed", "deleted"

    def _credentials(self, entry: Entry) -> list[tuple[str, bool]]:
        """The one that it was made with, and whether it is that; else the one that may do most."""
        vendor = vendor_of(entry)
        own = authorization(entry.intent.credential, self._deployment, vendor)
        most = authorization(vendor.credential, self._deployment, vendor)
        found = [(own, True)] if own else []
        return found + ([(most, False)] if most and most != own else [])

    def _settle(self, entry: Entry, state: State, why: str) -> None:
        words = self._redactor.text(why)
        if state == "removed":
            self._done.already_gone += why == "it was gone"
            self._done.removed += why != "it was gone"
        self._ledger.settle(entry.number, state, why=words)


def _is_json(answered: Answered) -> bool:
    """Whether the API itself speaks, and not a gateway before it."""
    try:
        return isinstance(answered.json(), dict)
    except ValueError:
        return False
