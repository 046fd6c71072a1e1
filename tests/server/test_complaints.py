"""An answer that breaks its own document: always noticed, refused only where that was asked for."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import httpx
import pytest

from mockserver.server.app import MockServer
from mockserver.server.complaints import MOST, ContractBreach, complaints
from tests.conftest import MakeServer
from tests.inprocess import InProcess

ONCALL = {"Authorization": "meowmeowmeow"}
POSTMORTEMS = "/api/v1/postmortems/"


def with_an_odd_id(make_server: MakeServer, **settings: Any) -> MockServer:
    """As somebody's own fixtures may have one."""
    server = make_server(**settings)
    world: Any = server.sandboxes.default.worlds["grafana-oncall"]
    (made,) = world.tables.postmortems.where("alert_group_id", "I68T24C13IFW1")
    world.tables.postmortems.insert(replace(made, id="mine"))
    return server


def listed(server: MockServer) -> httpx.Response:
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        return client.get(POSTMORTEMS, headers=ONCALL)


def test_it_goes_out_and_the_log_says_so_once(
    make_server: MakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    server = with_an_odd_id(make_server, check_responses=False)
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            assert "mine" in {one["id"] for one in listed(server).json()["results"]}
    (record,) = caplog.records
    assert "'mine' does not match" in record.getMessage().replace('"', "'")


def test_it_is_refused_where_that_was_asked_for(make_server: MakeServer) -> None:
    with pytest.raises(ContractBreach, match="PostmortemWithMessages"):
        listed(with_an_odd_id(make_server, check_responses=True))


def test_engines_with_their_defects_on_are_not_looked_at(
    make_server: MakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert listed(with_an_odd_id(make_server, quirks=True, check_responses=True)).status_code == 200
    assert caplog.records == []


def test_a_log_does_not_grow_without_an_end(caplog: pytest.LogCaptureFixture) -> None:
    complain = complaints()
    with caplog.at_level(logging.ERROR):
        for number in range(MOST + 5):
            complain(ContractBreach(f"breach {number}", "body", "/body"))
    assert len(caplog.records) == MOST + 1
    assert "no more" in caplog.records[-1].getMessage()


def test_one_rule_is_told_once_and_what_breaks_it_in_part(caplog: pytest.LogCaptureFixture) -> None:
    complain = complaints()
    with caplog.at_level(logging.ERROR):
        for letter in "ab":
            complain(ContractBreach(letter * 100_000, "body", "/body", rule="Book: /maxLength"))
    (record,) = caplog.records
    assert len(record.getMessage()) < 400
