"""Which operation an exchange was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract_tests.exchange import Asked, Exchange
from contract_tests.verdicts.operations import Operations, from_specs, served_by
from contract_tests.verdicts.tally import cells
from tests.live import LiveServer


@pytest.fixture(scope="module")
def operations() -> Operations:
    return from_specs()


def asking(method: str, target: str) -> Exchange:
    return Exchange(Asked(method, target), None)


@pytest.mark.parametrize(
    ("method", "target", "path"),
    [
        ("GET", "/api/v1/postmortems/", "/api/v1/postmortems/"),
        ("GET", "/api/v1/postmortems?page=2", "/api/v1/postmortems/"),
        ("HEAD", "/api/v1/postmortems/PX/", "/api/v1/postmortems/{id}/"),
        ("GET", "/api/v1/users/current/", "/api/v1/users/current/"),
        ("GET", "/api/v1/users/%2F..%2F/", "/api/v1/users/{id}/"),
        ("POST", "/v1/postmortem_documents/actions/attach", "/v1/postmortem_documents/actions/attach"),
        ("GET", "/_mock/sandboxes/a%2Fb/v2/incidents/01X", "/v2/incidents/{id}"),
        ("PATCH", "/v2/incidents/01X", None),
        ("GET", "/v2/incidents/01X/more", None),
        ("GET", "/_mock/reset", None),
        ("GET", "*", None),
        ("GET", "", None),
    ],
)
def test_an_exchange_is_of_an_operation_or_of_none(
    operations: Operations, method: str, target: str, path: str | None
) -> None:
    found = operations.of(asking(method, target))
    assert (found and found.path) == path


@pytest.mark.parametrize(
    ("target", "provider"),
    [("/api/v1/nothing", "grafana-oncall"), ("/v2/nothing", "incident-io"), ("/_mock/reset", ""), ("*", "")],
)
def test_what_no_document_declares_is_still_somebodys(
    operations: Operations, target: str, provider: str
) -> None:
    assert cells([asking("GET", target)], operations) == [[provider, "", "", 0, 1]]


@pytest.mark.parametrize(
    ("note", "counts"),
    [
        ("refused: it would change postmortem P1, which this run has not made", False),
        ("outside-scope: outside of /oncall/", False),
        ("budget: 100 requests are spent", False),
        ("timeout: no answer within 30 seconds", True),
        ("", True),
    ],
)
def test_what_the_guard_held_back_is_no_answer_of_the_target(
    operations: Operations, note: str, counts: bool
) -> None:
    exchange = replace(asking("DELETE", "/api/v1/postmortems/P1/"), note=note)
    assert bool(cells([exchange], operations)) is counts


def test_the_path_of_the_targets_address_does_not_count() -> None:
    found = from_specs(base="/oncall/").of(asking("GET", "/oncall/api/v1/users/"))
    assert found is not None
    assert found.path == "/api/v1/users/"


def test_the_documents_of_the_suite_are_those_that_the_mock_serves(
    operations: Operations, live_server: LiveServer
) -> None:
    assert set(operations.all) == set(served_by(live_server.base_url).all)
    assert len(operations.all) > 50
