"""Whatever the parser accepts, the engine carries out: no rule crashes it."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.exchange import Headers, Request
from mockserver.core.webhook import Message, WebhookTarget
from mockserver.server.app import MockServer
from mockserver.server.faults.catalogue import catalogue_of
from mockserver.server.faults.reading import read_rules
from mockserver.server.faults.values import Wrong
from tests.server.faults.asking import IMPORT, INCIDENT, LIST

TEXTS = st.one_of(
    st.text(max_size=8), st.sampled_from(["*", "GET", "list_*", "*_postmortems", "[", "[!a", "/**", "?"])
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
PATHS = st.one_of(
    st.sampled_from(
        [
            "$",
            "$.title",
            "$..*",
            "$[*]",
            "$[?@.a == 1]",
            "$[?match(@, '(a*)*b')]",
            "$[-1:0:-1]",
            "$[?length(@) > 1]",
        ]
    ),
    st.text("$.[]*?@'a0:(),=!<>&|", max_size=12).map("${}".format),
)
COUNT = st.one_of(st.integers(0, 4), st.lists(st.integers(0, 4), max_size=3), JSON)
SECONDS = st.one_of(st.floats(), st.integers(-1, 4000), JSON)
TRUE = st.one_of(st.just(True), st.booleans(), JSON)


def maybe(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keys)


MATCHES = maybe(
    provider=st.sampled_from(["incident-io", "grafana-oncall"]),
    operation=st.one_of(st.sampled_from(["*", "list_postmortems", "*Import*"]), TEXTS),
    method=st.one_of(TEXTS, st.lists(TEXTS, max_size=2)),
    path=st.one_of(TEXTS, TEXTS.map("/{}".format)),
    header=st.dictionaries(st.one_of(TEXTS, st.just("accept")), st.one_of(st.none(), TEXTS), max_size=2),
    body=st.dictionaries(PATHS, JSON, max_size=2),
    nth=COUNT,
    every=COUNT,
    probability=st.one_of(st.floats(0, 1), SECONDS),
    seed=st.one_of(st.integers(), JSON),
    times=COUNT,
    event=TEXTS,
)
ACTS = maybe(
    status=st.one_of(st.integers(380, 620), JSON),
    retry_after=st.one_of(st.integers(0, 10**10), SECONDS),
    after=TRUE,
    delay=st.one_of(
        SECONDS,
        st.dictionaries(st.sampled_from(["uniform", "normal", "lognormal"]), st.lists(SECONDS, max_size=3)),
    ),
    reset=TRUE,
    hang=TRUE,
    truncate=TRUE,
    drip=SECONDS,
    malformed=TRUE,
    content_type=TEXTS,
    stale=TRUE,
    webhook=st.one_of(st.sampled_from(["duplicate", "lost"]), maybe(late=SECONDS), JSON),
)
# Few keys at a time, so that most rules are accepted.
FEW = st.one_of(
    st.sampled_from(
        [
            {"status": 503},
            {"status": 500, "after": True},
            {"malformed": True, "after": False},
            {"stale": True},
        ]
    ),
    ACTS,
)
RULES = st.fixed_dictionaries({"act": FEW}, optional={"match": MATCHES, "enabled": st.booleans()})
SENT = [
    ("GET", LIST, b""),
    ("POST", LIST, b'{"alert_group_id": "IQUIET1PAGE11", "text": "x"}'),
    ("HEAD", LIST, b""),
    ("POST", IMPORT, b'{"title": "T", "content": "", "a": [[1, "aaaaaaaaaaaaaaa"], {"a": null}]}'),
    ("GET", f"/v2/incidents/{INCIDENT}", b"\xff"),
    ("POST", "/v2/incidents", b"[" * 500),
    ("BREW", "/nothing/%ff", b"{}"),
    ("OPTIONS", LIST, b"3"),
]
HEADERS = {
    "/api": Headers([(b"authorization", b"meowmeowmeow"), (b"content-type", b"application/json")]),
    "/": Headers([(b"authorization", b"Bearer inc-test-key")]),
}


@settings(max_examples=300)
@given(rules=st.lists(RULES, min_size=1, max_size=3))
def test_no_rule_that_is_accepted_crashes_the_engine(shared_server: MockServer, rules: list[Any]) -> None:
    catalogue = catalogue_of(shared_server.providers, shared_server.documents)
    accepted, sentences = [], []
    for rule in rules:
        try:
            accepted += read_rules([rule], catalogue)
        except Wrong as wrong:
            sentences.append(str(wrong))
    assert all(map(str.isprintable, sentences))
    shared_server.sandboxes.reset()
    faults = shared_server.sandboxes.default.faults
    faults.add(accepted)
    for method, path, body in SENT * 2:
        headers = HEADERS["/api" if path.startswith("/api") else "/"]
        reply = shared_server.engine.answer("default", Request(method, path, headers=headers, body=body))
        assert reply.answer.status == 0 or 200 <= reply.answer.status < 600
        if reply.effect is not None:
            assert 0 <= reply.effect.delay <= 3600
            assert 0 <= reply.effect.drip <= 3600
        for name, value in reply.answer.headers:
            assert (name + value).isprintable()
            (name + value).encode("latin-1")
    for event in ("public_incident.incident_created_v2", "", "\n"):
        assert len(faults.copies(Message(event, {}), WebhookTarget("t", ""))) <= 2
    for shown in faults:
        shown.as_json()
