"""The one place through which every request of the suite leaves."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from contract_tests.deployment import Deployment
from contract_tests.exchange import Exchange
from contract_tests.guard.allow import check_allowed
from contract_tests.guard.budget import Budget, Clock, Pulse
from contract_tests.guard.cleanup import CleanUp, clean
from contract_tests.guard.doorkeeper import Doorkeeper, Restraint, Sleep
from contract_tests.guard.ledger import Ledger, Run, leftovers
from contract_tests.guard.ownership import Ownership
from contract_tests.guard.pace import Pace, parse_rate
from contract_tests.guard.policy import Policy, Rights
from contract_tests.guard.recorder import Count, Recorder
from contract_tests.guard.redaction import Redactor
from contract_tests.guard.relay import Relay


@dataclass(frozen=True)
class GuardSettings:
    """`rate` is such as 10/s. `patience` is how many seconds a request may wait for a server that says 429."""

    deployment: Deployment = field(default_factory=Deployment)
    named: Deployment | None = None  # what of that was given, and not only found; None for all of it
    ledger: Path | None = None  # a new file; policy own needs it
    run: str = ""
    tag: str = ""  # stands in what the run writes, and nowhere else: holds `run`
    permanent: bool = False
    scope: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()  # beside the deployment's credentials
    rate: str = ""
    max_requests: int | None = None
    max_time: float | None = None
    patience: float = 120.0
    timeout: float = 30.0
    connections: int = 1  # at a time, to a server that others use too
    verify: str | None = None  # a file of certificates to trust beside the system's
    clock: Clock = time.monotonic
    sleep: Sleep = asyncio.sleep


class Guard:
    def __init__(self, settings: GuardSettings) -> None:
        """Raises ValueError on a rate that is none, or a tag that may be another run's."""
        if settings.tag and (len(settings.run) < 6 or settings.run not in settings.tag):
            raise ValueError("a tag holds the name of the run, of at least six letters")
        self.settings = settings
        self.redactor = Redactor.of(settings.deployment, settings.secrets)
        self._recorder = Recorder()
        interval = parse_rate(settings.rate) if settings.rate else 0.0
        self._budget = Budget(settings.max_requests, settings.max_time, settings.clock)
        self._pace = Pace(interval, settings.clock)
        named = settings.named or settings.deployment
        self._rights = Rights.of(named, permanent=settings.permanent, scope=settings.scope)
        self._relay = Relay(timeout=settings.timeout, verify=settings.verify)
        self._ledger: Ledger | None = None
        self._ownership = Ownership(None, settings.deployment)
        self._doors: list[tuple[str, str]] = []  # the server's base URL and the door's

    def __enter__(self) -> Guard:
        self._relay.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def door(self, upstream: str, *, policy: Policy = "all", default_label: str = "") -> str:
        """The base URL of a new door to a server. Raises NotAllowed, LedgerError, ValueError."""
        check_allowed(upstream, self.settings.allow_hosts)
        if policy == "own":
            self._open_ledger(upstream)
        settings = self.settings
        restraint = Restraint(
            policy,
            self._rights,
            self._ownership if policy == "own" else Ownership(None, settings.deployment),
            self._budget,
            self._pace,
            Pulse(settings.clock),
            settings.patience,
            settings.sleep,
        )
        prefix = urlsplit(upstream).path.rstrip("/")
        keeper = Doorkeeper(upstream, prefix, restraint, self._recorder, self.redactor)
        keeper.door = self._relay.door(
            upstream,
            keeper,
            default_label=default_label,
            connections=None if policy == "all" else settings.connections,
        )
        self._doors.append((upstream.rstrip("/"), keeper.door))
        return keeper.door

    def _open_ledger(self, upstream: str) -> None:
        settings = self.settings
        if settings.ledger is None:
            raise ValueError("policy own needs a ledger")
        if self._ledger is None:
            run = Run(upstream.rstrip("/"), settings.run, settings.tag, time.time())
            self._ledger = Ledger(settings.ledger, run)
            self._ownership = Ownership(self._ledger, settings.deployment)
        elif self._ledger.book.run.target != upstream.rstrip("/"):
            raise ValueError("a ledger is about one target")

    def inward(self, url: str) -> str:
        """The same address through its door: links in answers lead past the guard. Others stay as they are."""
        for upstream, door in reversed(self._doors):
            if url == upstream or url.startswith((f"{upstream}/", f"{upstream}?")):
                return door + url[len(upstream) :]
        return url

    def exchanges(self, label: str | None = None) -> list[Exchange]:
        """With their secrets: what leaves for a report goes through `redactor` first."""
        return self._recorder.exchanges(label)

    def outlines(self, label: str) -> list[Exchange]:
        """What is left of the exchanges of a label that were before those."""
        return self._recorder.outlines(label)

    def forget(self, label: str) -> None:
        self._recorder.forget(label)

    def counts(self) -> Counter[Count]:
        return self._recorder.counts()

    def leftovers(self) -> list[str]:
        """What the run has made and not taken away, or may have; one line each."""
        return leftovers(self._ledger.book.open()) if self._ledger else []

    def kept(self) -> list[str]:
        """What the run has made, or may have, and no API can remove."""
        return leftovers(self._ledger.book.kept()) if self._ledger else []

    def clean(self) -> CleanUp:
        """Takes away what the run has made; nothing may be under way any more."""
        if self._ledger is None:
            return CleanUp()
        settings = self.settings
        return clean(
            self._ledger,
            settings.deployment,
            verify=settings.verify,
            timeout=settings.timeout,
            patience=settings.patience,
            rate=settings.rate,
        )

    @property
    def wrote(self) -> bool:
        """Whether there is a ledger of this run."""
        return self._ledger is not None

    def stop(self) -> BaseException | None:
        """Ends, and returns what broke on the way, if something did."""
        try:
            return self._relay.stop()
        finally:
            if self._ledger:
                self._ledger.close()

    def close(self) -> None:
        try:
            self._relay.close()
        finally:
            if self._ledger:
                self._ledger.close()
