"""Every operation, asked in many ways that make little sense: whatever comes of it has a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mockserver.core.exchange import Request
from mockserver.server.documents import operations_of
from mockserver.server.journal.explaining import explained
from tests.conftest import MakeServer
from tests.explaining.asking import request

WHO = {
    "grafana-oncall": (
        "meowmeowmeow",
        "viewer-token",
        "no-role-token",
        "glsa_service-account",
        "nobody",
        None,
    ),
    "incident-io": (
        "Bearer inc-test-key",
        "Bearer inc-no-scope-key",
        "Bearer inc-other-org-key",
        "nobody",
        None,
    ),
}
BODIES = (
    None,
    b"{",
    b"[]",
    b"null",
    b"{}",
    b'{"text": 1, "text": null, "title": [], "content": "x", "status": "x", "delay": {}, "incident": {}}',
    b'{"alert_group_id": "IQUIET1PAGE11", "text": "x", "mode": "x", "delay": 1}',
    b"[" * 1_000,
    b"\xff",
)
QUERIES = (
    "",
    "page=x&perpage=0&alert_group_id=&state=x&label=x&format=xml",
    "page_size=x&after=x&sort_by=x&created_at[x]=y&mode[one_of]=test",
    "alert_group_id=x&alert_group=1&team_id=x&incident_id=x&incident_mode=x&email=x",
    "started_at=x&status[gte]=x&updated_at[gte]=x&updated_at[lte]=x&include_inactive=x",
)
HEADERS: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("accept", "text/html"), ("content-type", "text/plain"), ("if-none-match", "x")),
    (("content-type", "multipart/form-data; boundary=x"), ("x-forwarded-proto", "https")),
)


def sweep(provider: str, method: str, path: str) -> Iterator[Request]:
    """Not every way with every other: each beside what is usual, and some together."""
    usual = WHO[provider][0]
    for target in (path.replace("{id}", "NOPE"), path.replace("{id}", "%4EOPE"), path.replace("{id}", "a.b")):
        for who in WHO[provider]:
            yield request(method, target, b"{}", who)
        for body in BODIES:
            for headers in HEADERS:
                yield request(method, target, body, usual, headers)
        for query in QUERIES:
            yield request(method, f"{target}?{query}", None, usual)
        for odd in ("HEAD", "OPTIONS", "FROB", "PATCH", "DELETE", "POST"):
            yield request(odd, target, None, usual)
        yield replace(request(method, target, None, usual), oversized=True)
        yield request(method, target.rstrip("/"), None, usual)
        yield request(method, f"{target}/more", None, usual)


@pytest.mark.parametrize(
    "provider, quirks", [("grafana-oncall", False), ("grafana-oncall", True), ("incident-io", False)]
)
def test_nothing_is_left_without_a_rule(make_server: MakeServer, provider: str, quirks: bool) -> None:
    server = make_server(seed=1, quirks=quirks, check_responses=False)
    journal = server.sandboxes.default.journal
    asked, unexplained = 0, []
    for path, method, _ in operations_of(server.documents[provider]):
        for one in sweep(provider, method.upper(), path):
            server.engine.answer("default", one)
            entry = next(reversed(journal))
            asked += 1
            if not explained(entry).rules:
                unexplained.append((one.method, one.path, one.query, one.body[:40], entry.answer.status))
    assert unexplained == []
    assert asked > 4_000
