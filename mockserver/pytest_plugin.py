"""Fixtures for other people's test suites: `mock_incident_io`, `mock_grafana_oncall`, `mockserver`.

Every pytest of whoever has installed the mock loads this file, so it imports nothing of the mock until a test asks.
One server per process and kind of server, started on first use; a fresh sandbox for every test.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.client import Mock
    from mockserver.client.journal import Entry
    from mockserver.client.vendors import Vendor
    from mockserver.hosting import Host

TRANSPORTS = ("direct", "socket")
# Of a failed test's journal this much is shown: entries, and letters of what was wrong.
MOST_LINES, MOST_LETTERS = 50, 160
MARKERS = (
    "mockserver(profile, fixtures, seed, rate_limits, clock, strict): the mock of this test: a ready-made profile of "
    "faults; a folder of fixtures, or a file of exported state, beside the test; a seed; the vendors' rate limits; a "
    "frozen time (or True for now); whether the client may break the contract",
    "mock_allow_breaches: --mock-strict lets this test's client break the contract",
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the marker says."""

    profile: str | None = None
    fixtures: str | Path | None = None
    seed: int | None = None
    rate_limits: bool | float = False
    clock: datetime | str | bool | None = None
    strict: bool | None = None


MOCK = pytest.StashKey["Mock"]()
WANTED = pytest.StashKey[Wanted]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mockserver", "mockserver: a stand-in for incident.io and Grafana OnCall")
    group.addoption(
        "--mock-strict",
        action="store_true",
        help="fail a test whose client broke the vendor's contract (ini: mock_strict)",
    )
    parser.addini("mock_strict", "as --mock-strict", type="bool", default=False)
    parser.addini(
        "mock_transport", "how ready-made clients reach the mock: direct or socket", default="direct"
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


class Hosts:
    """The servers of one process, by what they were started with."""

    def __init__(self, transport: str) -> None:
        if transport not in TRANSPORTS:
            raise pytest.UsageError(f"mock_transport: {transport!r} is neither {' nor '.join(TRANSPORTS)}")
        self._transport = transport
        self._started: dict[object, tuple[Host, Mock]] = {}

    def find(
        self, *, fixtures: Path | None, seed: int | None, rate_limits: bool | float
    ) -> tuple[Host, Mock]:
        from mockserver.client import Mock
        from mockserver.hosting import Host, settings_for

        key = (fixtures, seed, rate_limits)
        if key not in self._started:
            settings = settings_for(fixtures=fixtures, seed=seed, rate_limits=rate_limits)
            host = Host(settings, "socket" if self._transport == "socket" else "direct")
            self._started[key] = host, Mock(host)
        return self._started[key]

    def close(self) -> None:
        for host, _ in self._started.values():
            host.close()


@pytest.fixture(scope="session")
def _mock_hosts(pytestconfig: pytest.Config) -> Iterator[Hosts]:
    hosts = Hosts(pytestconfig.getini("mock_transport"))
    yield hosts
    hosts.close()


@pytest.fixture
def mockserver(request: pytest.FixtureRequest, _mock_hosts: Hosts) -> Iterator[Mock]:
    """The mock of this test, a fresh sandbox: fault(...), journal, snapshot(), clock, webhooks, state, reset()."""
    item = request.node
    wanted = item.stash[WANTED] = _wanted(item)
    fixtures = None if wanted.fixtures is None else request.path.parent / wanted.fixtures
    exported = fixtures if fixtures is not None and fixtures.is_file() else None
    host, server = _mock_hosts.find(
        fixtures=None if exported else fixtures, seed=wanted.seed, rate_limits=wanted.rate_limits
    )
    mock = item.stash[MOCK] = server.sandbox(_sandbox_of(item.nodeid))
    server.others.clear()
    try:
        if exported is not None:
            mock.state.load(exported.read_text("utf-8"))
        if wanted.clock is not None and wanted.clock is not False:
            mock.clock.freeze(None if wanted.clock is True else wanted.clock)
        if wanted.profile is not None:
            mock.faults.profile(wanted.profile)
        yield mock
    finally:
        del item.stash[MOCK]
        _delete(host, mock)


@pytest.fixture
def mock_incident_io(mockserver: Mock) -> Vendor:
    """incident.io for this test alone: base_url, credential, headers, client, async_client."""
    return mockserver.incident_io


@pytest.fixture
def mock_grafana_oncall(mockserver: Mock) -> Vendor:
    """Grafana OnCall for this test alone: base_url, credential, headers, client, async_client."""
    return mockserver.grafana_oncall


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    result = yield
    mock = item.stash.get(MOCK, None)
    if mock is not None and _strict(item):
        breaches = mock.journal.breaches(by="client")
        if breaches:
            told = [
                f"{breach.entry} {breach.operation}: {breach.message} ({breach.where})" for breach in breaches
            ]
            pytest.fail("the client broke the vendor's contract:\n  " + "\n  ".join(told), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    mock = item.stash.get(MOCK, None)
    if mock is not None and report.failed:
        report.sections.append(("mockserver journal", _told(mock)))
    return report


def _wanted(item: pytest.Item) -> Wanted:
    """Markers of a test win over those of its class and module, key by key."""
    known = {field.name for field in fields(Wanted)}
    given: dict[str, Any] = {}
    for marker in item.iter_markers("mockserver"):
        if marker.args or not known.issuperset(marker.kwargs):
            raise pytest.UsageError(
                f"{item.nodeid}: the marker mockserver takes keywords only: {', '.join(sorted(known))}"
            )
        given = {**marker.kwargs, **given}
    return Wanted(**given)


def _sandbox_of(nodeid: str) -> str:
    """The same in every run, so that a seed repeats; another for every test."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", nodeid.rpartition("::")[2]).strip("-")
    return f"{words[:48].strip('-') or 'test'}-{sha256(nodeid.encode()).hexdigest()[:10]}"


def _strict(item: pytest.Item) -> bool:
    if item.get_closest_marker("mock_allow_breaches"):
        return False
    asked = item.stash[WANTED].strict
    if asked is not None:
        return asked
    return bool(item.config.getoption("mock_strict") or item.config.getini("mock_strict"))


def _delete(host: Host, mock: Mock) -> None:
    """And whatever sandboxes the test had beside its own."""
    for other in mock.others:
        _delete(host, other)
    host.direct.forget(mock.name)


def _told(mock: Mock) -> str:
    from mockserver.client import ClientError
    from mockserver.server.logs import visible

    try:
        entries = mock.journal.find(limit=MOST_LINES)
        more = mock.journal.count() - len(entries)
        wrong = {breach.entry: breach.message for breach in mock.journal.breaches(by="client")}
    except ClientError as error:
        return f"cannot be read: {error}"
    lines = [f"(and {more} before)"] if more > 0 else []
    lines += [visible(_line(entry, wrong.get(entry.id))) for entry in entries]
    return "\n".join(lines) or "nothing was asked"


def _line(entry: Entry, breach: str | None) -> str:
    """`POST /v2/… 422: …`: what was asked, the status, and what was wrong."""
    problem = " ".join(entry.answer.text.split()) if entry.status >= 400 else ""
    parts = [str(entry)]
    if problem:
        parts.append(problem if len(problem) <= MOST_LETTERS else f"{problem[:MOST_LETTERS]}…")
    if breach:
        parts.append(f"contract: {breach}")
    return "  ".join(parts)
