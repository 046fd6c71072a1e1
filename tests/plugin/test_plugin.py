"""The pytest plugin, in test suites made for the purpose."""

from __future__ import annotations

import sys

import pytest

from tests.plugin.conftest import PLUGIN, Suite

IMPORT = """
IMPORT = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"
NOTES = "/api/v1/postmortems/"
NOTE = {"alert_group_id": "IQUIET1PAGE11", "text": "new"}
DOCUMENT = {"title": "INC-123", "content": ""}

import httpx
import pytest


def notes(vendor):
    return vendor.client.get(NOTES).json()["count"]
"""


def test_every_test_has_a_world_of_its_own(suite: Suite) -> None:
    result = suite.run(
        IMPORT
        + """
@pytest.mark.parametrize("number", range(3))
def test_it_is_clean(mock_grafana_oncall, number):
    assert notes(mock_grafana_oncall) == 1
    assert mock_grafana_oncall.client.post(NOTES, json=NOTE).status_code == 201
    assert notes(mock_grafana_oncall) == 2

def test_both_vendors_are_there(mock_grafana_oncall, mock_incident_io, mockserver):
    assert notes(mock_grafana_oncall) == 1
    assert mock_incident_io.client.post(IMPORT, json=DOCUMENT).status_code == 201
    assert len(mockserver.journal) == 2
    assert mock_incident_io.credential == "inc-test-key"

def test_a_fork_goes_with_the_test(mockserver):
    assert notes(mockserver.fork("fork").grafana_oncall) == 1

def test_a_fork_may_have_the_same_name_again(mockserver):
    assert notes(mockserver.fork("fork").grafana_oncall) == 1
"""
    )
    result.assert_outcomes(passed=6)


@pytest.mark.parametrize("transport", ["direct", "socket"])
def test_any_client_reaches_the_test_s_world_by_its_base_url(suite: Suite, transport: str) -> None:
    suite.pytester.makeini(f"[pytest]\nmock_transport = {transport}")
    result = suite.run(
        IMPORT
        + f"""
import threading

def test_it(mock_grafana_oncall):
    vendor = mock_grafana_oncall
    address = str(vendor.client.base_url).partition("/_mock")[0]
    served = any(thread.name == f"mockserver {{address}}" for thread in threading.enumerate())
    assert served == ({transport!r} == "socket")
    vendor.client.post(NOTES, json=NOTE)
    with httpx.Client(base_url=vendor.base_url, headers=vendor.headers, trust_env=False) as mine:
        assert mine.get(NOTES).json()["count"] == 2
        assert mine.post(NOTES, json=NOTE).status_code == 201
    assert notes(vendor) == 3
"""
    )
    result.assert_outcomes(passed=1)


def test_a_transport_that_is_none_is_told(suite: Suite) -> None:
    suite.pytester.makeini("[pytest]\nmock_transport = pigeon")
    result = suite.run("def test_it(mockserver): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*mock_transport: 'pigeon' is neither direct nor socket*"])


def test_asynchronous_tests_have_a_client_too(suite: Suite) -> None:
    result = suite.run(
        IMPORT
        + """
import asyncio

def test_it(mock_incident_io):
    async def both():
        client = mock_incident_io.async_client
        return await asyncio.gather(*(client.post(IMPORT, json=DOCUMENT) for _ in range(2)))
    assert [answer.status_code for answer in asyncio.run(both())] == [201, 201]
"""
    )
    result.assert_outcomes(passed=1)


def test_the_marker_chooses_profile_seed_rate_limits_clock_and_fixtures(suite: Suite) -> None:
    folder = suite.pytester.mkdir("world")
    (folder / "grafana-oncall").mkdir()
    (folder / "grafana-oncall" / "world.yaml").write_text(
        "organizations:\n  - {id: O1, name: One}\n"
        "users:\n  - {id: U1, organization_id: O1, username: me, role: admin}\n"
        "tokens:\n  - {token: meowmeowmeow, user_id: U1}\n"
    )
    result = suite.run(
        IMPORT
        + """
@pytest.mark.mockserver(profile="maintenance")
def test_profile(mock_incident_io):
    assert mock_incident_io.client.get("/v2/incidents").status_code == 503

ids = []

@pytest.mark.parametrize("again", [0])
@pytest.mark.mockserver(seed=7)
def test_seed(mock_grafana_oncall, again):
    answer = mock_grafana_oncall.client.post(NOTES, json=NOTE)
    assert answer.json()["created_at"].startswith("2026-01-01T00:00:00")

@pytest.mark.mockserver(rate_limits=0.002)
def test_rate_limits(mock_incident_io):
    statuses = [mock_incident_io.client.get("/v2/incidents").status_code for _ in range(4)]
    assert statuses[-1] == 429

def test_no_rate_limits(mock_grafana_oncall):
    assert {mock_grafana_oncall.client.get(NOTES).status_code for _ in range(320)} == {200}

@pytest.mark.mockserver(clock="2026-03-01T12:00:00Z")
class TestClock:
    def test_clock(self, mockserver):
        assert mockserver.clock.now.isoformat() == "2026-03-01T12:00:00+00:00"

    @pytest.mark.mockserver(clock="2027-03-01T12:00:00Z")
    def test_a_nearer_marker_wins(self, mockserver):
        assert mockserver.clock.now.year == 2027

@pytest.mark.mockserver(sede=7)
def test_typo(mockserver):
    pass
"""
    )
    result.assert_outcomes(passed=6, errors=1)
    result.stdout.fnmatch_lines(
        ["*test_it.py::test_typo: the marker mockserver takes keywords only: clock, *"]
    )


def test_a_file_of_exported_state_is_a_fixture(suite: Suite) -> None:
    result = suite.run(
        IMPORT
        + """
from pathlib import Path

HERE = Path(__file__).parent

def test_export(mockserver):
    mockserver.grafana_oncall.client.post(NOTES, json=NOTE)
    (HERE / "mine.yaml").write_text(mockserver.state.export())

@pytest.mark.mockserver(fixtures="mine.yaml")
def test_load(mock_grafana_oncall):
    assert notes(mock_grafana_oncall) == 2
"""
    )
    result.assert_outcomes(passed=2)


def test_what_a_client_sent_cannot_move_the_cursor_of_who_reads_a_failure(suite: Suite) -> None:
    result = suite.run(
        IMPORT
        + """
def test_fails(mockserver):
    form = {"Content-Type": b"text/\\x9b2J"}
    mockserver.grafana_oncall.client.post(NOTES, content=b"x", headers=form)
    assert False
"""
    )
    result.assert_outcomes(failed=1)
    journal = result.stdout.str().partition("mockserver journal")[2]
    assert "text/\\x9b2J" in journal
    assert "\x9b" not in journal


def test_a_failure_shows_the_journal_of_its_test_alone(suite: Suite) -> None:
    result = suite.run(
        IMPORT
        + """
def test_passes(mock_incident_io):
    mock_incident_io.client.get("/v2/incidents?page_size=1")

def test_fails(mockserver):
    mockserver.fault(provider="grafana-oncall", status=503, id="down")
    mockserver.incident_io.client.post(IMPORT, json={"content": "no title"})
    mockserver.incident_io.client.get("/v2/incidents?page_sise=1")
    mockserver.grafana_oncall.client.get(NOTES)
    assert False
"""
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- mockserver journal -*",
            "POST /v2/incidents/*/import_postmortem_document 422 *missing_field*",
            "GET /v2/incidents?page_sise=1 * contract: *page_sise*",
            "GET /api/v1/postmortems/ 503  fault down*",
        ]
    )
    result.stdout.no_fnmatch_line("GET /v2/incidents?page_size=1*")


def test_a_failure_that_asked_for_nothing_says_so(suite: Suite) -> None:
    result = suite.run("def test_it(mockserver): assert False")
    result.stdout.fnmatch_lines(["*- mockserver journal -*", "nothing was asked"])


STRICT = (
    IMPORT
    + """
def test_breaks_the_contract(mock_incident_io):
    mock_incident_io.client.get("/v2/incidents?page_sise=1")

@pytest.mark.mock_allow_breaches
def test_may_break_it(mock_incident_io):
    mock_incident_io.client.get("/v2/incidents?page_sise=1")

@pytest.mark.mockserver(strict=False)
def test_may_break_it_as_well(mock_incident_io):
    mock_incident_io.client.get("/v2/incidents?page_sise=1")

def test_keeps_it(mock_incident_io):
    mock_incident_io.client.get("/v2/incidents?page_size=1")

def test_has_no_mock():
    pass
"""
)


def test_strictness_fails_a_test_whose_client_broke_the_contract(suite: Suite) -> None:
    suite.run(STRICT).assert_outcomes(passed=5)
    result = suite.run(STRICT, "--mock-strict")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        ["the client broke the vendor's contract:", "*page_sise*", "FAILED *breaks_the_contract*"]
    )


def test_a_suite_can_be_strict_by_its_ini_file(suite: Suite) -> None:
    suite.pytester.makeini("[pytest]\nmock_strict = true")
    suite.run(STRICT).assert_outcomes(passed=4, failed=1)


def test_workers_do_not_meet(suite: Suite) -> None:
    result = suite.run_apart(
        IMPORT
        + """
@pytest.mark.parametrize("number", range(8))
def test_it(mock_grafana_oncall, number):
    assert notes(mock_grafana_oncall) == 1
    mock_grafana_oncall.client.post(NOTES, json=NOTE)
    assert httpx.get(mock_grafana_oncall.base_url + NOTES, headers=mock_grafana_oncall.headers).json()["count"] == 2
""",
        "-n",
        "2",
    )
    result.assert_outcomes(passed=8)


def test_whoever_does_not_use_it_pays_nothing(suite: Suite) -> None:
    suite.pytester.makeconftest(
        """
import sys

HEAVY = {"connexion", "starlette", "httpx", "uvicorn", "yaml", "jsonschema_rs", "orjson", "anyio", "standardwebhooks"}

def pytest_sessionfinish():
    ours = {name for name in sys.modules if name.split(".")[0] == "mockserver"}
    print("loaded:", sorted(HEAVY & set(sys.modules)), sorted(ours))
"""
    )
    plain = [
        sys.executable,
        "-m",
        "pytest",
        *PLUGIN,
        "--collect-only",
        "-q",
        "-s",
        "-p",
        "no:schemathesis",
        "-p",
        "no:anyio",
    ]
    result = suite.pytester.run(*plain)
    assert "loaded: [] ['mockserver', 'mockserver.pytest_plugin']" in result.stdout.str()
