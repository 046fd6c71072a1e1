from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.server.faults.asking import (
    DOCUMENT,
    IMPORT,
    INCIDENT_IO,
    LIST,
    ONCALL,
    counters,
    created,
    imported,
    listed,
    rule,
)

FAIL = {"status": 503}


def test_a_rule_without_a_match_is_about_every_request_but_the_control_apis(client: httpx.Client) -> None:
    added = rule(client, FAIL)
    assert [listed(client).status_code, imported(client).status_code] == [503, 503]
    assert client.get("/nobodys/path").status_code == 503
    assert client.get("/_mock/health").status_code == 200
    assert counters(client, added["id"]) == (3, 3)


@pytest.mark.parametrize(
    "match, met, spared",
    [
        ({"provider": "grafana-oncall"}, listed, imported),
        ({"operation": "list_postmortems"}, listed, created),
        ({"operation": "*ImportPostmortemDocument"}, imported, listed),
        ({"operation": ["get_postmortem", "list_*"]}, listed, created),
        ({"method": "POST"}, created, listed),
        ({"method": "post"}, created, listed),
        ({"method": ["PUT", "GET"]}, listed, created),
        ({"path": LIST}, listed, imported),
        ({"path": "/v2/incidents/*"}, imported, listed),
        ({"path": "*import_postmortem_documen?"}, imported, listed),
        ({"header": {"authorization": "Bearer *"}}, imported, listed),
        ({"header": {"Content-Type": None}}, listed, imported),
        ({"body": {"$.title": "INC-*"}}, imported, created),
        ({"body": {"$.text": "new"}}, created, imported),
        ({"body": {"$['title', 'content']": "text"}}, imported, created),
        ({"provider": "grafana-oncall", "method": "POST"}, created, listed),
        ({"provider": "grafana-oncall", "method": "POST"}, created, imported),
    ],
)
def test_a_rule_is_about_what_it_matches_and_nothing_else(
    client: httpx.Client, match: dict[str, Any], met: Any, spared: Any
) -> None:
    added = rule(client, FAIL, **match)
    assert spared(client).status_code in (200, 201)
    assert met(client).status_code == 503
    assert counters(client, added["id"]) == (1, 1)


@pytest.mark.parametrize(
    "wanted, sent, fits",
    [
        (1, 1.0, True),
        (1, True, False),
        (True, True, True),
        (False, 0, False),
        (None, None, True),
        ({"a": [1, 2]}, {"a": [1, 2.0]}, True),
        ({"a": [1, 2]}, {"a": [1]}, False),
        ({"a": 1}, {"b": 1}, False),
        ("3", 3, False),
        ("*", "", True),
        ("a*c", "a/b/c", True),
        ("[*]", "*", True),
        ("[*]", "x", False),
    ],
)
def test_values_in_a_body_are_equal_as_json_is_and_texts_are_globs(
    client: httpx.Client, wanted: Any, sent: Any, fits: bool
) -> None:
    rule(client, FAIL, body={"$.extra": wanted})
    assert imported(client, extra=sent).status_code == (503 if fits else 201)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 5000, b"[1, 2]", b'"text"', b"NaN"])
def test_a_body_that_is_no_json_or_leads_nowhere_matches_nothing(client: httpx.Client, body: bytes) -> None:
    added = rule(client, FAIL, body={"$..title": "*", "$[?@.title == 'x']": 1})
    headers = {**INCIDENT_IO, "Content-Type": "application/json"}
    assert client.post(IMPORT, content=body, headers=headers).status_code in (400, 422)
    assert counters(client, added["id"]) == (0, 0)


def test_a_path_is_compared_decoded_and_without_the_prefix_of_a_sandbox(client: httpx.Client) -> None:
    in_a = {"X-Mock-Sandbox": "a"}
    body = {"match": {"path": "/api/v1/postmortems/a b/"}, "act": FAIL}
    assert client.post("/_mock/faults", json=body, headers=in_a).status_code == 201
    path = "/_mock/sandboxes/a/api/v1/postmortems/a%20b/"
    assert client.get(path, headers=ONCALL).status_code == 503
    assert client.get("/api/v1/postmortems/a%20b/", headers=ONCALL).status_code == 404


def test_any_of_several_headers_of_one_name_will_do(client: httpx.Client) -> None:
    rule(client, FAIL, header={"X-Tag": "b"})
    headers = [("Authorization", "meowmeowmeow"), ("X-Tag", "a")]
    assert client.get(LIST, headers=headers).status_code == 200
    assert client.get(LIST, headers=[*headers, ("X-Tag", "b")]).status_code == 503


def test_head_is_a_method_of_its_own_and_meets_the_operation_of_its_path(client: httpx.Client) -> None:
    get = rule(client, FAIL, method="GET")
    operation = rule(client, {"status": 500}, operation="list_postmortems")
    assert client.head(LIST, headers=ONCALL).status_code == 500
    assert (counters(client, get["id"]), counters(client, operation["id"])) == ((0, 0), (1, 1))


def test_a_rule_in_one_sandbox_is_in_no_other(client: httpx.Client) -> None:
    rule(client, FAIL)
    answer = client.post(IMPORT, json=DOCUMENT, headers={**INCIDENT_IO, "X-Mock-Sandbox": "b"})
    assert answer.status_code == 201
