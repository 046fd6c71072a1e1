"""Every mistake in a rule is one sentence that names its key."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.server.faults.asking import mistake

FAIL = {"status": 503}


@pytest.mark.parametrize(
    "match, sentence",
    [
        ([], "match: must be an object"),
        ({"metod": "GET"}, "match.metod: is no key here; did you mean 'method'?"),
        (
            {"zzz": 1},
            "match.zzz: is no key here; known are operation, method, path, header, body, provider, nth, every, "
            "probability, seed, times, event",
        ),
        ({"provider": "pagerduty"}, "match.provider: 'pagerduty' is none of incident-io, grafana-oncall"),
        (
            {"operation": "list_postmortem"},
            "match.operation: no operation fits 'list_postmortem'; did you mean 'list_postmortems'?",
        ),
        (
            {"operation": "zzz*"},
            "match.operation: no operation fits 'zzz*'; `mockserver routes` lists them",
        ),
        (
            {"provider": "incident-io", "operation": "list_postmortems"},
            "match.operation: no operation fits 'list_postmortems'; `mockserver routes` lists them",
        ),
        ({"method": 1}, "match.method: 1 is no text"),
        ({"method": []}, "match.method: must be a text, or a list of 1 to 50 texts"),
        ({"method": ["GET", None]}, "match.method[1]: None is no text"),
        ({"path": "v1/x"}, "match.path: 'v1/x' begins with no slash, so no path fits it"),
        ({"path": "/" + "x" * 1000}, "match.path: is longer than 1000 characters"),
        ({"header": "x"}, "match.header: must be an object"),
        ({"header": {"a b": "x"}}, "match.header['a b']: is no name of a header"),
        ({"header": {"X-Y": 1}}, "match.header['X-Y']: 1 is no text"),
        (
            {"body": {"title": 1}},
            "match.body.title: is no JSONPath: expected '$', found 't', line 1, column 0",
        ),
        ({"body": {"$.a": "x" * 1001}}, "match.body['$.a']: is longer than 1000 characters"),
        (
            {"body": {"$": [[]] * 10_000}},
            "match.body['$']: is deeper than 50 levels, or holds more than 10000 values",
        ),
        ({"nth": 0}, "match.nth: 0 is no whole number from 1 to 1000000000"),
        ({"nth": True}, "match.nth: True is no whole number from 1 to 1000000000"),
        ({"nth": [1, "2"]}, "match.nth: '2' is no whole number from 1 to 1000000000"),
        ({"every": 1.5}, "match.every: 1.5 is no whole number from 1 to 1000000000"),
        ({"nth": 1, "every": 2}, "match.every: and nth exclude each other"),
        ({"probability": 1.1}, "match.probability: 1.1 is no number from 0 to 1"),
        ({"probability": "0.1"}, "match.probability: '0.1' is no number from 0 to 1"),
        ({"times": 0}, "match.times: 0 is no whole number from 1 to 1000000000"),
        ({"event": "x"}, "match.event: goes with act.webhook only"),
    ],
)
def test_a_mistake_in_what_a_rule_matches(client: httpx.Client, match: Any, sentence: str) -> None:
    assert mistake(client, match=match, act=FAIL) == sentence


@pytest.mark.parametrize(
    "act, sentence",
    [
        (
            {},
            "act: must say what to do: status, retry_after, delay, reset, hang, truncate, drip, malformed, "
            "content_type, stale, after, webhook",
        ),
        ({"statsu": 1}, "act.statsu: is no key here; did you mean 'status'?"),
        ({"status": "503"}, "act.status: '503' is no whole number from 400 to 599"),
        (
            {"status": 201},
            "act.status: 201 is no failure: the model answers those itself (400 to 599 are meant)",
        ),
        ({"status": 600}, "act.status: 600 is no whole number from 400 to 599"),
        ({"retry_after": 1}, "act.retry_after: goes with status only"),
        ({"status": 429, "retry_after": 0.5}, "act.retry_after: 0.5 is no whole number from 0 to 31536000"),
        ({"delay": -1}, "act.delay: -1 is no number from 0 to 3600"),
        ({"delay": {"normal": [1]}}, "act.delay.normal: must be a list of two numbers"),
        ({"delay": {"uniform": [2, 1]}}, "act.delay.uniform: must name the shorter one first"),
        ({"delay": {"lognormal": [0, 1]}}, "act.delay.lognormal: 0 is no number from 1e-06 to 3600"),
        ({"delay": {}}, "act.delay: must be seconds, or one of uniform, normal, lognormal"),
        (
            {"delay": {"gamma": [1, 1]}},
            "act.delay.gamma: is no key here; known are uniform, normal, lognormal",
        ),
        ({"reset": 1}, "act.reset: 1 is neither true nor false"),
        ({"reset": True, "hang": True}, "act.hang: and reset exclude each other"),
        ({"reset": True, "truncate": True}, "act.truncate: and reset exclude each other"),
        ({"reset": True, "status": 500}, "act.status: and reset exclude each other"),
        ({"hang": True, "malformed": True}, "act.malformed: and hang exclude each other"),
        ({"stale": True, "status": 500}, "act.status: and stale exclude each other"),
        ({"drip": "slow"}, "act.drip: 'slow' is no number from 0 to 3600"),
        (
            {"content_type": "text/html\r\nX: y"},
            "act.content_type: must be printable ASCII, 200 characters at most, e.g. text/html",
        ),
        ({"delay": 1, "after": True}, "act.after: goes with status, reset, hang, truncate or malformed only"),
        (
            {"status": 429, "after": True},
            "act.after: goes with a status of 500 and more: below, nothing is done",
        ),
        ({"webhook": "duplicate", "status": 500}, "act.status: and webhook exclude each other"),
        ({"webhook": "twice"}, 'act.webhook: must be "duplicate", "lost" or {"late": seconds}'),
        ({"webhook": {"late": -1}}, "act.webhook.late: -1 is no number from 0 to 2592000"),
        ({"reset": False}, None),
    ],
)
def test_a_mistake_in_what_a_rule_does(client: httpx.Client, act: Any, sentence: str | None) -> None:
    assert mistake(client, act=act).startswith(sentence or "act: must say what to do")


@pytest.mark.parametrize(
    "body, sentence",
    [
        ({}, "act: is missing"),
        ({"act": FAIL, "macth": {}}, "macth: is no key here; did you mean 'match'?"),
        ({"act": []}, "act: must be an object"),
        ({"act": FAIL, "enabled": 1}, "enabled: 1 is neither true nor false"),
        ({"act": FAIL, "id": "a/b"}, "id: must be 64 letters, digits, dots, dashes and underscores at most"),
        (
            {"act": {"webhook": "lost"}, "match": {"method": "GET"}},
            "match.method: is about requests, and act.webhook is not",
        ),
        (
            {"act": {"webhook": "lost"}, "match": {"provider": "grafana-oncall"}},
            "match.provider: grafana-oncall sends no webhooks",
        ),
    ],
)
def test_a_mistake_in_a_rule(client: httpx.Client, body: Any, sentence: str) -> None:
    assert mistake(client, **body) == sentence


def test_a_sentence_repeats_nothing_that_a_terminal_or_a_log_would_act_on(client: httpx.Client) -> None:
    sentence = mistake(client, act={"status": "\x1b[2J\n" + "x" * 5000, "delay": 1})
    assert sentence.isprintable()
    assert len(sentence) < 250
    key = mistake(client, match={"\n\x1b": 1}, act=FAIL)
    assert key.isprintable()


@pytest.mark.parametrize(
    "path", ["$" + "[?(" * 300, "$" + "..*" * 300, "$[?" + "!" * 900 + "@.a]", "$[" + "9" * 900 + "]"]
)
def test_a_path_that_is_too_much_is_told_or_harmless(client: httpx.Client, path: str) -> None:
    answer = client.post("/_mock/faults", json={"match": {"body": {path: 1}}, "act": FAIL})
    assert answer.status_code in (201, 400)
    client.post("/v2/incidents", json={"a": [[[[[1]]]]]})
