"""Exchanges recorded with a real Grafana OnCall engine, replayed in order on a world seeded alike.

Ids that the recording's requests created stand for those that the mock's answers show; times and waits are struck out.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from mockserver.server.app import MockServer
from tests.conftest import MakeServer
from tests.golden import Exchange, Replay, recorded
from tests.inprocess import InProcess

FOLDER = Path(__file__).parents[1] / "fixtures" / "recorded"
BASE_URL = "http://127.0.0.1:18080"
THREE_A_MINUTE = 0.01

# The engine's known defects: the mock answers what was meant, and like the engine with `quirks`.
QUIRKS = {
    **dict.fromkeys(
        ["rn.patch.only_alert_group_id", "rn.patch_empty.source_nosource"], "PATCH without a text is a 500"
    ),
    **dict.fromkeys(
        [
            "method.DELETE.list",
            "method.CONNECT.list",
            "method.FOO.detail",
            "method.POST.list.viewer_unsupported_PUT",
            "ag.unsupported.GET./api/v1/alert_groups/ID/acknowledge/",
            "ag.unsupported.PUT./api/v1/alert_groups/ID/acknowledge/",
        ],
        "an unsupported method is a 500",
    ),
    **dict.fromkeys(
        ["ag.unsupported.OPTIONS./api/v1/alert_groups/", "ag.unsupported.OPTIONS./api/v1/alert_groups/ID/"],
        "OPTIONS is a 500",
    ),
    "rn.create.body.deep_nesting": "100,000 brackets are a 500",
    "ag.silence.delay_list": "a list as delay is a 500",
}
# What the mock does otherwise, with and without quirks.
DIFFERENCES = {
    "auth.trailing_space.list": "HTTP parsers cut the white space that made this token a wrong one",
    "route.postmortems.post": "the engine routes postmortems no more; the page does, and is what the mock is for",
    "rn.get.right_after_group_delete": "the engine deletes a moment later, the mock at once",
    "ingest.webhook": "receiving alerts is out of scope",
    "ingest.group_from_webhook": "made by the alert before it",
    "ingest.webhook_bad_token": "receiving alerts is out of scope",
    "rate.429.other_endpoint_info": "there is no such endpoint here",
    "custom.rate.sa_pk1_shares_bucket_with_user_pk1": "an accident: two tables of the engine number their rows alike",
}
# By group: matching, matching with quirks, recorded.
FIGURES = {
    "rn": (63, 66, 67),
    "auth": (14, 14, 15),
    "role": (9, 9, 9),
    "rbac": (1, 1, 1),
    "sa": (10, 10, 10),
    "route": (3, 3, 4),
    "method": (0, 4, 4),
    "accept": (6, 6, 6),
    "hdr": (4, 4, 4),
    "filter": (7, 7, 7),
    "page": (18, 18, 18),
    "order": (1, 1, 1),
    "ag": (50, 55, 55),
    "ingest": (0, 0, 3),
    "rate": (7, 7, 8),
    "custom": (2, 2, 3),
}


def server_for(make_server: MakeServer, **settings: object) -> MockServer:
    return make_server(
        providers=("grafana-oncall",),
        fixtures=FOLDER,
        base_url=BASE_URL,
        check_responses=not settings.get("quirks"),
        **settings,
    )


def in_process(make_server: MakeServer, **settings: object) -> InProcess:
    return InProcess(server_for(make_server, **settings).app)


def exchanges() -> list[Exchange]:
    return recorded(FOLDER / "grafana-oncall.jsonl")


def differing(make_server: MakeServer, *, quirks: bool) -> dict[str, str]:
    """What is different, by the name of the exchange. The limits were reached in worlds of their own."""
    all_of_it = exchanges()
    limited = [one for one in all_of_it if one.name.startswith("rate.")]
    narrow = [one for one in all_of_it if one.name.startswith("custom.rate.")]
    free = [one for one in all_of_it if one not in limited and one not in narrow]
    found: dict[str, str] = {}
    with Replay(in_process(make_server, quirks=quirks)) as replay:
        found |= replay.run(free)
    with Replay(in_process(make_server, quirks=quirks, rate_factor=1.0)) as replay:
        replay.spend("rate-token", 300)
        found |= replay.run(limited)
    with Replay(in_process(make_server, quirks=quirks, rate_factor=THREE_A_MINUTE)) as replay:
        replay.spend("admin-token", 3)
        found |= replay.run(narrow)
    return found


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "quirks"])
def outcome(request: pytest.FixtureRequest, make_server: MakeServer) -> tuple[bool, dict[str, str]]:
    return request.param, differing(make_server, quirks=request.param)


def test_every_exchange_matches_but_those_with_a_known_reason(outcome: tuple[bool, dict[str, str]]) -> None:
    quirks, found = outcome
    known = DIFFERENCES if quirks else {**QUIRKS, **DIFFERENCES}
    assert {name: told for name, told in found.items() if name not in known} == {}
    assert known.keys() - found.keys() == set()


def test_the_figures_by_group_are_these(outcome: tuple[bool, dict[str, str]]) -> None:
    quirks, found = outcome
    groups = Counter(one.group for one in exchanges() if not one.supplied)
    missed = Counter(one.group for one in exchanges() if one.name in found)
    assert {group: (groups[group] - missed[group], groups[group]) for group in groups} == {
        group: (with_quirks if quirks else plain, total)
        for group, (plain, with_quirks, total) in FIGURES.items()
    }


def test_names_are_unique_and_no_credential_is_a_real_one() -> None:
    names = Counter(one.name for one in exchanges())
    assert max(names.values()) == 1
    tokens = {one.headers.get("Authorization", "") for one in exchanges()}
    assert all(len(token) < 40 for token in tokens)
