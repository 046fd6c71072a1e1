"""requests without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mockserver.transport.for_requests import DirectAdapter
from tests.transport.conftest import GROUP, NOTES, ONCALL, Way

NEW = {"alert_group_id": "IQUIET1PAGE11", "text": "new"}
URL = "https://oncall.example.test"


@pytest.fixture
def session(way: Way) -> Iterator[requests.Session]:
    """A client of a vendor at the vendor's own address."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(ONCALL)
        session.mount(URL, DirectAdapter(way.direct, way.slept.append))
        session.mount(way.direct.base_url, DirectAdapter(way.direct, way.slept.append))
        yield session


def test_a_session_writes_and_reads(session: requests.Session) -> None:
    created = session.post(f"{URL}{NOTES}", json=NEW, timeout=5)
    assert (created.status_code, created.reason) == (201, "Created")
    assert created.headers["content-type"] == "application/json"
    found = session.get(f"{URL}{NOTES}", params={"perpage": 1}, timeout=5).json()
    assert (found["count"], found["results"][0]["id"]) == (2, created.json()["id"])
    assert session.get(found["next"], timeout=5).json()["previous"] is not None
    assert session.head(f"{URL}{NOTES}", timeout=5).content == b""


@pytest.mark.parametrize(
    "body",
    [
        b'{"alert_group_id": "IQUIET1PAGE11", "text": "b"}',
        '{"alert_group_id": "IQUIET1PAGE11", "text": "ö"}',
        iter([b'{"alert_group_id": "IQUIET1PAGE11", ', b'"text": "c"}']),
    ],
    ids=["bytes", "text", "pieces"],
)
def test_a_body_of_any_kind_arrives(session: requests.Session, body: Any) -> None:
    headers = {"Content-Type": "application/json"}
    assert session.post(f"{URL}{NOTES}", data=body, headers=headers, timeout=5).status_code == 201


def test_the_control_api_is_reached_under_the_server_s_own_name(session: requests.Session, way: Way) -> None:
    assert session.get(f"{way.direct.base_url}/_mock/health", timeout=5).json()["status"] == "ok"
    assert session.get(f"{URL}/_mock/health", timeout=5).status_code == 403


@pytest.mark.parametrize(
    "act, problem",
    [
        ({"hang": True}, requests.ReadTimeout),
        ({"delay": 60}, requests.ReadTimeout),
        ({"reset": True}, requests.ConnectionError),
        ({"truncate": True}, requests.exceptions.ChunkedEncodingError),
    ],
)
def test_faults_are_the_exceptions_of_requests(
    session: requests.Session, way: Way, act: dict[str, Any], problem: type[Exception]
) -> None:
    way.fault(**act)
    with pytest.raises(problem):
        session.get(f"{URL}{GROUP}", timeout=(5, 30))
    assert way.slept == []


def test_a_delay_is_slept(session: requests.Session, way: Way) -> None:
    way.fault(delay=2)
    assert session.get(f"{URL}{GROUP}", timeout=5).status_code == 200
    assert way.slept == [2]
