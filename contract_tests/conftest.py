"""Which deployment is judged, and what a broken law says."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import nullcontext
from textwrap import fill
from typing import Any

import httpx
import pytest

pytest.register_assert_rewrite(
    "contract_tests.deployment",
    "contract_tests.grafana_oncall.client",
    "contract_tests.incident_io.client",
    "contract_tests.incident_io.follow_ups",
)

from contract_tests.deployment import Deployment  # noqa: E402
from contract_tests.guard.relay import Relay  # noqa: E402
from contract_tests.kinds import KINDS, VENDORS, marks_of  # noqa: E402
from contract_tests.mocks import RATE_FACTOR, Throttled, running_mock  # noqa: E402
from contract_tests.options import Misuse, Options, add_options, read_options  # noqa: E402
from contract_tests.rules import PROVIDERS, find_rule  # noqa: E402
from contract_tests.transport import Labelled  # noqa: E402

OPTIONS = pytest.StashKey[Options]()


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "law(rule): the rule, <provider>/<rule id>, that the test is a law of")
    for kind in KINDS:
        config.addinivalue_line("markers", f"{kind}: one of the four kinds of test, set by the folder")
    for vendor in VENDORS:
        config.addinivalue_line("markers", f"{vendor}: about this vendor, set by folder, file or parameter")
    try:
        config.stash[OPTIONS] = options = read_options(vars(config.option))
    except Misuse as misuse:
        pytest.exit(str(misuse), returncode=2)
    # Two workers would see each other's records on one deployment.
    if options.target and getattr(config.option, "dist", "no") != "no":
        config.option.dist, config.option.tx = "no", []


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in marks_of(item.path, item.name):
            item.add_marker(mark)


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


@pytest.fixture(scope="session")
def options(request: pytest.FixtureRequest) -> Options:
    return request.config.stash[OPTIONS]


@pytest.fixture(scope="session")
def target(options: Options) -> str | None:
    return options.target


@pytest.fixture(scope="session")
def strict(target: str | None) -> bool:
    """Whether additions that a vendor has reserved for itself count as breaches. They do on a mock of our own."""
    return target is None


@pytest.fixture(scope="session")
def deployment(target: str | None) -> Deployment:
    return Deployment() if target is None else Deployment.from_environment(os.environ)


@pytest.fixture(scope="session")
def relay() -> Iterator[Relay]:
    with Relay() as relay:
        yield relay


@pytest.fixture(scope="session")
def origin(target: str | None) -> Iterator[str]:
    """What the judged server calls itself in links."""
    if target is not None:
        yield target
        return
    with running_mock("--rate-limit", "off", "--check-responses", "--webhook-retry-scale", "0") as url:
        yield url


@pytest.fixture(scope="session")
def base_url(origin: str, relay: Relay) -> str:
    """Where requests to it are sent."""
    return relay.door(origin)


@pytest.fixture
def door(relay: Relay) -> Callable[[str], str]:
    return lambda url: relay.door(url)


@pytest.fixture(scope="session")
def documents(origin: str, target: str | None) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """The vendors' documents as a mock of our own serves them: vendored, and with what we know beside."""
    with nullcontext(origin) if target is None else running_mock() as mock:
        yield {
            provider: httpx.get(f"{mock}/_mock/openapi/{provider}", timeout=30).raise_for_status().json()
            for provider in PROVIDERS
        }


@pytest.fixture(scope="session")
def http(base_url: str, strict: bool) -> Iterator[httpx.Client]:
    transport = Labelled(httpx.HTTPTransport(), strict=strict)
    with httpx.Client(base_url=base_url, timeout=30, transport=transport) as client:
        yield client


@pytest.fixture(scope="session")
def throttled_http(target: str | None) -> Iterator[httpx.Client]:
    if target is not None:
        pytest.skip("not judged: would use up a rate limit that others of the target may need")
    with (
        running_mock("--rate-limit", str(RATE_FACTOR), "--check-responses") as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


@pytest.fixture(scope="session")
def stepping_http(target: str | None) -> Iterator[httpx.Client]:
    if target is not None:
        pytest.skip("not judged: would take a minute on a clock that is not ours to move")
    with (
        running_mock("--rate-limit", str(RATE_FACTOR), "--check-responses", "--seed", "1") as url,
        httpx.Client(base_url=url, timeout=30) as client,
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
