"""One process of a run: what it judges, through which guard, and what it knows of it."""

from __future__ import annotations

import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx

from contract_tests import needs, preflight
from contract_tests.deployment import CREDENTIALS, PREFIX
from contract_tests.described import describe
from contract_tests.exchange import Exchange
from contract_tests.guard.cleanup import CleanUp, clean
from contract_tests.guard.guard import Guard, GuardSettings
from contract_tests.guard.ledger import LedgerError, leftovers, read_ledger
from contract_tests.guard.policy import Policy
from contract_tests.guard.recorder import Count
from contract_tests.mocks import running_mock
from contract_tests.news import Additions
from contract_tests.options import Misuse, Options
from contract_tests.plan import plan
from contract_tests.rules import PROVIDERS
from contract_tests.transport import Labelled, label_of
from contract_tests.verdicts.verdict import Budget, Facts, Need

VERDICTS = "contract-verdicts"  # the name of the plugin that collects them
MOCK_FLAGS = ("--rate-limit", "off", "--check-responses", "--webhook-retry-scale", "0")
Mock = Callable[..., AbstractContextManager[str]]


class Judging:
    """Opened by the process that runs tests, closed when its tests are over.

    `given` is what flags, variables and files say of the deployment; `deployment` knows besides what listing has shown.
    """

    def __init__(
        self, options: Options, environment: Mapping[str, str] = os.environ, mock: Mock = running_mock
    ) -> None:
        """Raises Misuse."""
        self.options = options
        self.given = self.deployment = describe(options, environment)
        if options.ledger is not None and (options.ledger.exists() or not options.ledger.parent.is_dir()):
            raise Misuse(f"--ledger {options.ledger}: must be a new file in a folder that is there")
        self.run = secrets.token_hex(4)
        self.problem = ""  # why the target cannot be judged
        self.read_only = ""  # why nothing more can be written, if the target has said so
        self._mock = mock
        self._stack = ExitStack()
        self._started = time.monotonic()

    @property
    def strict(self) -> bool:
        """Whether the judged server is a mock of our own, which may not even add anything."""
        return self.options.target is None

    @property
    def tag(self) -> str:
        return "" if self.strict else f"(contract test {self.run}: may be deleted)"

    @property
    def policy(self) -> Policy:
        if self.strict:
            return "all"
        return "own" if self.options.write and not self.read_only else "none"

    @cached_property
    def ledger(self) -> Path | None:
        """Where creates are written down; None if there are none."""
        if self.policy != "own":
            return None
        if self.options.plan:
            return Path(self._stack.enter_context(TemporaryDirectory())) / "ledger.jsonl"
        return self.options.ledger or Path.cwd() / f"contract-ledger-{self.run}.jsonl"

    @cached_property
    def guard(self) -> Guard:
        return self._stack.enter_context(Guard(self._settings()))

    def _settings(self) -> GuardSettings:
        options = self.options
        bounded = not (self.strict or options.plan)
        return GuardSettings(
            deployment=self.deployment,
            named=self.given,
            ledger=self.ledger,
            run=self.run,
            tag=self.tag,
            permanent=options.write_permanent,
            scope=options.scopes,
            allow_hosts=options.allowed_hosts,
            rate=options.rate or "" if bounded else "",
            max_requests=options.max_requests if bounded else None,
            max_time=options.max_time if bounded else None,
            patience=options.patience,
            timeout=options.answer_timeout,
            connections=options.connections,
            verify=str(options.ca_file) if options.ca_file else None,
        )

    @cached_property
    def origin(self) -> str:
        """What the judged server calls itself in links. Starts the mock."""
        if self.options.target is not None and not self.options.plan:
            return self.options.target
        return self._stack.enter_context(self._mock(*MOCK_FLAGS))

    @cached_property
    def base_url(self) -> str:
        """Where requests to it are sent."""
        return self.door(self.origin)

    def door(self, upstream: str, label: str = "") -> str:
        """The way to a server through the guard."""
        if self.options.plan and upstream == self.options.target:
            raise ValueError("a plan sends nothing to the target")
        return self.guard.door(upstream, policy=self.policy, default_label=label)

    def client(self, door: str, *, frank: bool = False) -> httpx.Client:
        """`frank` lets answers of the guard itself through, which else end the test."""
        # What is at the door speaks plain HTTP; certificates are the guard's affair.
        plain = httpx.HTTPTransport(verify=False)
        transport = Labelled(plain, strict=self.strict, tag=self.tag, frank=frank)
        return httpx.Client(base_url=door, timeout=self._wait, transport=transport)

    @property
    def _wait(self) -> float:
        """Seconds: the guard may hold a request for as long as its patience lasts."""
        return self.options.answer_timeout + (0 if self.strict else self.options.patience) + 5

    @cached_property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """The vendors' documents as a mock of our own serves them: vendored, and with what we know beside."""
        with ExitStack() as stack:
            ours = self.strict or self.options.plan
            mock = self.origin if ours else stack.enter_context(self._mock())
            return {
                provider: httpx.get(f"{mock}/_mock/openapi/{provider}", timeout=30, trust_env=False)
                .raise_for_status()
                .json()
                for provider in PROVIDERS
            }

    @cached_property
    def _additions(self) -> Additions:
        return Additions(self.documents, urlsplit(self.origin).path)

    def prepare(self) -> None:
        """Looks at the target and finds what is missing; only reads. Raises preflight.Problem."""
        if self.strict or self.options.plan:
            return
        with self._problems(), Guard(self._settings()) as scout:
            door = scout.door(self.origin, policy="none", default_label="a look at the target")
            with httpx.Client(base_url=door, timeout=self._wait, trust_env=False) as http:
                preflight.look(self.given, http, self.origin)
                self.deployment = needs.find(self.given, http)

    def try_to_write(self) -> None:
        """Tells a target that lets nobody write, before laws would. Raises preflight.Problem."""
        if self.policy != "own" or self.options.plan:
            return
        with (
            self._problems(),
            httpx.Client(base_url=self.base_url, timeout=self._wait, trust_env=False) as http,
        ):
            self.read_only = preflight.try_to_write(self.deployment, http, f" {self.tag}")
        if self.read_only:
            del self.base_url  # from now on through a door that lets no write through

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except preflight.Problem as problem:
            told, code = self.redact(str(problem)), problem.code
        except (LedgerError, OSError) as error:
            told, code = self.redact(str(error)), 2
        except httpx.HTTPError as error:
            told, code = self.redact(f"{self.origin}: {type(error).__name__}: {error}"), 3
        else:
            return
        self.problem = told if code == 3 else ""
        raise preflight.Problem(told, code) from None

    def requirements(self) -> list[str]:
        """What the target must have to be judged, and how it is met, line by line; credentials by their names."""
        if self.strict:
            return []
        met = needs.met(self.given, self.deployment)
        return [f"what tests need of {self.options.target}", *self._lines(met)]

    def _lines(self, met: Iterable[needs.Met]) -> list[str]:
        return [f"  {one.how:<8} {one.need.words}{self._shown(one)}" for one in met]

    def _shown(self, one: needs.Met) -> str:
        if one.how == "missing" or one.need.field in CREDENTIALS:
            return f" ({PREFIX}{one.need.field.upper()})"
        return f": {getattr(self.deployment, one.need.field)}"

    def exchanges(self, nodeid: str) -> list[Exchange]:
        """What a test sent; of a test that sent very much, the first ones in outline."""
        label = label_of(nodeid)
        return [*self.guard.outlines(label), *self.guard.exchanges(label)] if self._is_open else []

    def forget(self, nodeid: str) -> None:
        if self._is_open:
            self.guard.forget(label_of(nodeid))

    def news(self, nodeid: str) -> set[str]:
        """What a target's answers to a test have beyond the documents."""
        if self.strict:
            return set()
        return {told for exchange in self.exchanges(nodeid) for told in self._additions.of(exchange)}

    def is_over(self, nodeid: str) -> str:
        """Why no test after this one can be judged, or nothing."""
        last = self.exchanges(nodeid)[-1:]
        note = last[0].note if last else ""
        if note.startswith("budget: "):
            return note.removeprefix("budget: ")
        if note.startswith(("unreachable: not tried", "timeout: not tried")):
            return f"the target is gone: {note.partition(': ')[2]}"
        return ""

    @property
    def _is_open(self) -> bool:
        return "guard" in self.__dict__

    def redact(self, text: str) -> str:
        """Credentials become the names of their fields, and in whatever other form they stand, a mark."""
        named = sorted(self.given.credentials().items(), key=lambda pair: -len(pair[1]))
        for name, value in named:
            text = text.replace(value, f"<{name}>")
        return self.guard.redactor.text(text)

    def facts(self) -> Facts:
        """Ends the run: removes what it has made, and says what verdicts cannot know."""
        met = () if self.strict else tuple(needs.met(self.given, self.deployment))
        broke = self.guard.stop() if self._is_open else None
        done = self._clean_up()
        if done.leftovers and self.ledger is not None:
            done.leftovers.append(f"to remove it later: mockserver cleanup {self.ledger}")
        return Facts(
            needs=tuple(Need(one.need.words, one.how != "missing", one.told) for one in met),
            leftovers=tuple(map(self.redact, done.leftovers)),
            kept=tuple(map(self.redact, done.kept)),
            plan=tuple(plan(self.guard.counts())) if self.options.plan and self._is_open else (),
            budget=self._spent(),
            unreachable=self.problem or self.read_only or (f"the guard broke: {broke!r}" if broke else ""),
        )

    def _clean_up(self) -> CleanUp:
        """Removes what the run has made on the target."""
        ledger = self.ledger if self._is_open and self.guard.wrote and not self.options.plan else None
        if ledger is None:
            return CleanUp()
        try:
            done = clean(
                ledger,
                self.deployment,
                allow_hosts=self.options.allowed_hosts,
                verify=str(self.options.ca_file) if self.options.ca_file else None,
                timeout=self.options.answer_timeout,
                patience=self.options.patience,
                rate=self.options.rate or "",
            )
        except KeyboardInterrupt:
            book = read_ledger(ledger)
            return CleanUp(kept=leftovers(book.kept()), leftovers=leftovers(book.open()))
        if not done.leftovers and not done.kept and self.options.ledger is None:
            ledger.unlink()  # nothing is there any more that it could be needed for
        return done

    def _spent(self) -> Budget:
        counts = self.guard.counts() if self._is_open else Counter[Count]()
        words = Counter[str]()
        for count, number in counts.items():
            words[count.word] += number
        return Budget(
            requests=words[""],
            max_requests=self.options.max_requests,
            seconds=time.monotonic() - self._started,
            max_seconds=self.options.max_time,
            refused=words["refused"] + words["outside-scope"],
            throttled=words["throttled"],
        )

    def close(self) -> None:
        self._stack.close()
