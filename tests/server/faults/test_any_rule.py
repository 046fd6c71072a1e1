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
SECONDS_THAT_FIT = st.one_of(st.integers(0, 3600), st.floats(0, 3600))
DELAYS = st.one_of(
    SECONDS_THAT_FIT,
    st.tuples(SECONDS_THAT_FIT, SECONDS_THAT_FIT).map(lambda pair: {"uniform": sorted(pair)}),
    st.tuples(SECONDS_THAT_FIT, SECONDS_THAT_FIT).map(lambda pair: {"normal": list(pair)}),
    st.tuples(st.floats(0.001, 3600), st.floats(0, 10)).map(lambda pair: {"lognormal": list(pair)}),
)
MEDIA_TYPES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=200)
YES = st.just(True)


def act(
    needed: dict[str, st.SearchStrategy[Any]], **more: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        needed, optional={key: value for key, value in {"delay": DELAYS, **more}.items() if key not in needed}
    )


SPOILT = {"malformed": YES, "content_type": MEDIA_TYPES, "drip": SECONDS_THAT_FIT, "truncate": YES}
# What a rule may do, and what it may match, key by key as somebody would write it.
PLAUSIBLE_ACTS = st.one_of(
    act({"status": st.integers(400, 599)}, retry_after=st.integers(0, 31_536_000), **SPOILT),
    act({"status": st.integers(500, 599), "after": st.booleans()}, **SPOILT),
    act({"reset": YES}, after=st.booleans()),
    act({"hang": YES}, after=st.booleans()),
    act({"malformed": YES, "after": st.booleans()}, **SPOILT),
    act({"stale": YES}, **SPOILT),
    act({"delay": DELAYS}, **SPOILT),
    st.sampled_from([{"webhook": "duplicate"}, {"webhook": "lost"}, {"webhook": {"late": 5}}]),
)
OPERATIONS = st.sampled_from(["*", "list_postmortems", "*Import*", "[lc]*_postmortem*"])
GLOBS = st.text("*?[]!-az/^\\|()", max_size=10)
PLAUSIBLE_MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "provider": st.sampled_from(["incident-io", "grafana-oncall"]),
        "method": st.lists(st.one_of(GLOBS, st.sampled_from(["GET", "post", "*"])), min_size=1, max_size=3),
        "path": GLOBS.map("/{}".format) | GLOBS.map("*{}".format),
        "header": st.dictionaries(st.sampled_from(["accept", "X-A"]), st.none() | GLOBS, max_size=2),
        "body": st.dictionaries(
            st.sampled_from(
                ["$", "$.title", "$..*", "$[*]", "$[?@.a == 1]", "$[?match(@, '(a*)*b')]", "$[-1:0:-1]"]
            ),
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | GLOBS,
            min_size=1,
            max_size=2,
        ),
        "probability": st.floats(0, 1),
        "seed": st.integers(-(2**63), 2**63),
        "times": st.integers(1, 3),
    },
)
TURNS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.integers(1, 4).map(lambda number: {"every": number}),
    st.lists(st.integers(1, 4), min_size=1).map(lambda numbers: {"nth": numbers}),
)


def plausible(parts: tuple[dict[str, Any], dict[str, Any], dict[str, Any], str | None]) -> dict[str, Any]:
    match, act, turn, operation = parts
    if "webhook" in act:
        kept = {key: match[key] for key in ("probability", "seed", "times") if key in match}
        return {"match": {**kept, **turn}, "act": act}
    named = {"operation": operation} if operation is not None and "provider" not in match else {}
    return {"match": {**match, **turn, **named}, "act": act}


RULES = st.tuples(PLAUSIBLE_MATCHES, PLAUSIBLE_ACTS, TURNS, st.none() | OPERATIONS).map(plausible)
WILD = st.one_of(JSON, st.fixed_dictionaries({"act": ACTS}, optional={"match": MATCHES, "enabled": TRUE}))
SENT = [
    ("GET", LIST, b""),
    ("POST", LIST, b'{"alert_group_id": "IQUIET1PAGE11", "text": "y"}'),
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


@settings(max_examples=500)
@given(rule=WILD)
def test_whatever_is_no_rule_is_told_in_one_sentence(shared_server: MockServer, rule: Any) -> None:
    catalogue = catalogue_of(shared_server.providers, shared_server.documents)
    try:
        read_rules([rule], catalogue)
    except Wrong as wrong:
        sentence = str(wrong)
    else:
        sentence = ""
    assert sentence == "" or sentence.isprintable()


@settings(max_examples=300)
@given(rules=st.lists(RULES, min_size=1, max_size=3))
def test_no_rule_that_is_accepted_crashes_the_engine(shared_server: MockServer, rules: list[Any]) -> None:
    specs = read_rules(rules, catalogue_of(shared_server.providers, shared_server.documents))
    shared_server.sandboxes.reset()
    faults = shared_server.sandboxes.default.faults
    faults.add(specs)
    for method, path, body in SENT:
        headers = HEADERS["/api" if path.startswith("/api") else "/"]
        reply = shared_server.engine.answer("default", Request(method, path, headers=headers, body=body))
        assert reply.answer.status == 0 or 200 <= reply.answer.status < 600
        if reply.effect is not None:
            assert 0 <= reply.effect.delay <= 3600
            assert 0 <= reply.effect.drip <= 3600
        for name, value in reply.answer.headers:
            assert (name + value).isascii()
            assert (name + value).isprintable()
    for event in ("public_incident.incident_created_v2", "", "\n"):
        assert len(faults.copies(Message(event, {}), WebhookTarget("t", ""))) <= 2
    assert read_rules(
        [rule.as_json() for rule in faults], catalogue_of(shared_server.providers, shared_server.documents)
    )
