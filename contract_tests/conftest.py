"""Which deployment is judged, and what a broken law says."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import UTC, datetime
from textwrap import fill
from typing import Any

import httpx
import hypothesis.core
import pytest

pytest.register_assert_rewrite(
    "contract_tests.grafana_oncall.client",
    "contract_tests.incident_io.client",
    "contract_tests.incident_io.follow_ups",
)

from contract_tests.deployment import Deployment  # noqa: E402
from contract_tests.judging import VERDICTS, Judging  # noqa: E402
from contract_tests.kinds import KINDS, VENDORS, marks_of  # noqa: E402
from contract_tests.mocks import RATE_FACTOR, Throttled, running_mock  # noqa: E402
from contract_tests.options import Misuse, Options, add_options, read_options  # noqa: E402
from contract_tests.preflight import Problem  # noqa: E402
from contract_tests.rules import find_rule  # noqa: E402
from contract_tests.transport import label_of  # noqa: E402
from contract_tests.verdicts.deviations import BadDeviations, read_deviations  # noqa: E402
from contract_tests.verdicts.plugin import Settings, Verdicts  # noqa: E402

JUDGING = pytest.StashKey[Judging]()


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "law(rule): the rule, <provider>/<rule id>, that the test is a law of")
    for kind in KINDS:
        config.addinivalue_line("markers", f"{kind}: one of the four kinds of test, set by the folder")
    for vendor in VENDORS:
        config.addinivalue_line("markers", f"{vendor}: about this vendor, set by folder, file or parameter")
    try:
        options = read_options(vars(config.option))
        config.stash[JUDGING] = judging = Judging(options)
        config.pluginmanager.register(_verdicts(judging), VERDICTS)
    except (Misuse, BadDeviations) as misuse:
        pytest.exit(str(misuse), returncode=2)
    if options.seed != Options.seed and config.getoption("--hypothesis-seed", None) is None:
        # What hypothesis' own plugin does with its own flag; without one, the models are derandomized.
        config.option.hypothesis_seed = options.seed
        hypothesis.core.global_force_seed = options.seed  # type: ignore[assignment]
    # Two workers would see each other's records on one deployment.
    if options.target and getattr(config.option, "dist", "no") != "no":
        config.option.dist, config.option.tx = "no", []


def _verdicts(judging: Judging) -> Verdicts:
    options = judging.options
    return Verdicts(
        Settings(
            target=options.target,
            today=datetime.now(UTC).date(),
            fail_on=frozenset(options.failing_grades),
            seed=options.seed,
            options=options.told,
            known=read_deviations(options.known) if options.known else (),
            bundles=options.bundles,
            report_json=options.report_json,
            report_html=options.report_html,
            report_junit=options.report_junit,
            terminal="own" if options.terminal else "summary",
        ),
        exchanges_of=judging.exchanges,
        redact=judging.redact,
        facts=judging.facts,
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """In the process that runs tests, before anything is judged."""
    judging = session.config.stash[JUDGING]
    if session.config.option.collectonly:
        return
    try:
        judging.prepare()
    except Problem as problem:
        pytest.exit(str(problem), returncode=problem.code)
    lines = judging.requirements()
    if judging.options.terminal:
        verdicts = session.config.pluginmanager.get_plugin(VERDICTS)
        assert isinstance(verdicts, Verdicts)
        verdicts.announce(lines)
    elif (reporter := session.config.pluginmanager.get_plugin("terminalreporter")) is not None:
        for line in lines:
            reporter.write_line(line)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    if session.items and not session.config.option.collectonly:
        try:
            session.config.stash[JUDGING].try_to_write()
        except Problem as problem:
            pytest.exit(str(problem), returncode=problem.code)


def pytest_unconfigure(config: pytest.Config) -> None:
    if JUDGING in config.stash:
        config.stash[JUDGING].close()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    yield
    judging = item.config.stash[JUDGING]
    item.user_properties.extend(("news", told) for told in sorted(judging.news(item.nodeid)))
    over = judging.is_over(item.nodeid)
    if over:
        item.session.shouldstop = over


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for mark in marks_of(item.path, item.name):
            item.add_marker(mark)
    if hasattr(config, "workerinput"):
        items[:] = longest_first(items)


def longest_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Fuzzing takes as long as all else together: one run at the beginning of each half, for two workers to share."""
    long = [item for item in items if item.get_closest_marker("schema")]
    rest = [item for item in items if item not in set(long)]
    half = len(rest) // 2
    return [*long[::2], *rest[:half], *long[1::2], *rest[half:]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """A law that fails quotes its rule, so that nobody takes a guess of ours for a defect of theirs."""
    try:
        yield
    except (Exception, pytest.fail.Exception) as error:
        mark = item.get_closest_marker("law")
        rule = find_rule(mark.args[0]) if mark else None
        if rule:
            for line in (
                f"The rule {rule.name} ({rule.grade}) does not hold:",
                rule.rule,
                f"Source: {rule.source}",
            ):
                error.add_note(fill(line, 100, break_long_words=False, break_on_hyphens=False))
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """When its report is made, nobody asks for a test's exchanges any more."""
    done = yield
    item.config.stash[JUDGING].forget(item.nodeid)
    return done


@pytest.fixture(scope="session")
def judging(request: pytest.FixtureRequest) -> Judging:
    return request.config.stash[JUDGING]


@pytest.fixture(scope="session")
def options(judging: Judging) -> Options:
    return judging.options


@pytest.fixture(scope="session")
def target(options: Options) -> str | None:
    return options.target


@pytest.fixture(scope="session")
def strict(judging: Judging) -> bool:
    """Whether additions that a vendor has reserved for itself count as breaches. They do on a mock of our own."""
    return judging.strict


@pytest.fixture(scope="session")
def deployment(judging: Judging) -> Deployment:
    return judging.deployment


@pytest.fixture(scope="session")
def origin(judging: Judging) -> str:
    """What the judged server calls itself in links."""
    return judging.origin


@pytest.fixture(scope="session")
def base_url(judging: Judging) -> str:
    """Where requests to it are sent: the guard's door."""
    return judging.base_url


@pytest.fixture
def door(judging: Judging, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Opens a door of the guard for requests that nobody labels; they count as this test's."""
    return lambda url: judging.door(url, label_of(request.node.nodeid))


@pytest.fixture(scope="session")
def documents(judging: Judging) -> Mapping[str, Mapping[str, Any]]:
    """The vendors' documents, by provider: vendored, and with what we know beside."""
    return judging.documents


@pytest.fixture(scope="session")
def http(judging: Judging) -> Iterator[httpx.Client]:
    with judging.client(judging.base_url) as client:
        yield client


@pytest.fixture(scope="session")
def client_of(judging: Judging) -> Callable[[str], httpx.Client]:
    """A client of another server, through a door of its own."""
    return lambda url: judging.client(judging.door(url))


@pytest.fixture(scope="session")
def throttled_http(target: str | None, client_of: Callable[[str], httpx.Client]) -> Iterator[httpx.Client]:
    if target is not None:
        pytest.skip("not judged: would use up a rate limit that others of the target may need")
    with (
        running_mock("--rate-limit", str(RATE_FACTOR), "--check-responses") as url,
        client_of(url) as client,
    ):
        yield client


@pytest.fixture(scope="session")
def stepping_http(target: str | None, client_of: Callable[[str], httpx.Client]) -> Iterator[httpx.Client]:
    if target is not None:
        pytest.skip("not judged: would take a minute on a clock that is not ours to move")
    with (
        running_mock("--rate-limit", str(RATE_FACTOR), "--check-responses", "--seed", "1") as url,
        client_of(url) as client,
    ):
        yield client


@pytest.fixture
def stepping(stepping_http: httpx.Client) -> Throttled:
    """The same, with a clock that every request moves on, as it does on a mock with a seed."""
    stepping_http.post("/_mock/reset").raise_for_status()
    return Throttled(stepping_http)


@pytest.fixture
def throttled(throttled_http: httpx.Client) -> Throttled:
    throttled_http.post("/_mock/reset").raise_for_status()
    return Throttled(throttled_http)
