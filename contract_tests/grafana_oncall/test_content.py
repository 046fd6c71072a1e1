from __future__ import annotations

from uuid import uuid4

import pytest

from contract_tests.grafana_oncall.client import JSON, LIST, NOT_FOUND, OnCall, at, ids
from contract_tests.laws import law

NOT_ACCEPTABLE = {"detail": "Could not satisfy the request Accept header."}
WITHOUT_JSON = ["text/html", "application/xml", "text/plain"]


@law("grafana-oncall/content-type.unsupported")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/merge-patch+json", "text/json", "garbage"]
)
def test_a_body_of_another_type_answers_415(oncall: OnCall, method: str, kind: str) -> None:
    created = oncall.create("before")
    path = LIST if method == "POST" else at(created["id"])
    text = uuid4().hex  # which nobody else writes
    body = b'{"alert_group_id": "%s", "text": "%s"}' % (oncall.group.encode(), text.encode())
    answer = oncall.send(method, path, content=body, headers={"Content-Type": kind})
    expected = {"detail": f'Unsupported media type "{kind}" in request.'}
    assert (answer.status_code, answer.json()) == (415, expected)
    assert text not in [it["text"] for it in oncall.listed(alert_group_id=oncall.group)]


@law("grafana-oncall/content-type.unsupported")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_without_a_type_answers_415(oncall: OnCall, method: str) -> None:
    path = LIST if method == "POST" else at(oncall.create("before")["id"])
    answer = oncall.send(method, path, content=b'{"text": "x"}')
    assert (answer.status_code, answer.json()) == (
        415,
        {"detail": 'Unsupported media type "" in request.'},
    )


@law("grafana-oncall/content-type.accepted")
@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        "Application/JSON",
    ],
)
def test_json_is_read_with_or_without_a_charset(oncall: OnCall, kind: str) -> None:
    body = f'{{"alert_group_id": "{oncall.group}", "text": "é"}}'.encode()
    answer = oncall.post_raw(body, kind)
    assert (answer.status_code, answer.json()["text"]) == (201, "é")


@law("grafana-oncall/content-type.accepted")
@pytest.mark.parametrize("charset", ["utf-16", "latin-1"])
def test_json_is_read_in_the_charset_that_it_names(oncall: OnCall, charset: str) -> None:
    body = f'{{"alert_group_id": "{oncall.group}", "text": "é"}}'.encode(charset)
    answer = oncall.post_raw(body, f"application/json; charset={charset}")
    assert (answer.status_code, answer.json()["text"]) == (201, "é")


@law("grafana-oncall/content-type.accepted")
def test_urlencoded_bodies_are_read(oncall: OnCall) -> None:
    created = oncall.send("POST", LIST, data={"alert_group_id": oncall.group, "text": "a b&c=é"})
    assert (created.status_code, created.json()["text"]) == (201, "a b&c=é")
    for method in ("PUT", "PATCH"):
        answer = oncall.send(method, at(created.json()["id"]), data={"text": f"by {method}"})
        assert (answer.status_code, answer.json()["text"]) == (200, f"by {method}")


@law("grafana-oncall/content-type.accepted")
def test_multipart_bodies_are_read(oncall: OnCall) -> None:
    parts = {"alert_group_id": (None, oncall.group), "text": (None, "a b&c=é")}
    created = oncall.send("POST", LIST, files=parts)
    assert (created.status_code, created.json()["text"]) == (201, "a b&c=é")
    for method in ("PUT", "PATCH"):
        answer = oncall.send(method, at(created.json()["id"]), files={"text": (None, f"by {method}")})
        assert (answer.status_code, answer.json()["text"]) == (200, f"by {method}")


@law("grafana-oncall/accept.excludes-json")
@pytest.mark.parametrize("kind", WITHOUT_JSON)
def test_an_accept_header_without_json_answers_406(oncall: OnCall, nobody: OnCall, kind: str) -> None:
    path = at(oncall.create()["id"])
    for user in (oncall, nobody):
        for where in (LIST, path):
            answer = user.send("GET", where, headers={"Accept": kind})
            assert (answer.status_code, answer.json()) == (406, NOT_ACCEPTABLE)
            assert answer.headers["Content-Type"] == "application/json"


@law("grafana-oncall/accept.excludes-json")
@pytest.mark.parametrize("kind", WITHOUT_JSON)
def test_nothing_is_written_if_the_answer_could_not_be_read(oncall: OnCall, kind: str) -> None:
    created = oncall.create("before")
    before, text = oncall.mine(alert_group_id=oncall.group), uuid4().hex
    body = {"alert_group_id": oncall.group, "text": text}
    writes = (("POST", LIST), *((it, at(created["id"])) for it in ("PUT", "PATCH", "DELETE")))
    for method, path in writes:
        answer = oncall.send(method, path, json=body, headers={"Accept": kind})
        assert (answer.status_code, answer.json()) == (406, NOT_ACCEPTABLE)
    assert oncall.mine(alert_group_id=oncall.group) == before
    assert text not in [it["text"] for it in oncall.listed(alert_group_id=oncall.group)]


@law("grafana-oncall/accept.excludes-json")
@pytest.mark.parametrize(
    "accept",
    ["*/*", "text/html,*/*;q=0.1", "text/plain, */*", "application/xml;q=0.9,*/*;q=0.8", "application/json"],
)
def test_an_accept_header_with_room_for_json_answers_json(oncall: OnCall, accept: str) -> None:
    answer = oncall.send("GET", at(oncall.create()["id"]), headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"


@law("grafana-oncall/accept.format-parameter")
@pytest.mark.parametrize("value", ["xml", "html", "api", "JSON "])
def test_a_format_other_than_json_answers_404_as_json(oncall: OnCall, value: str) -> None:
    path = at(oncall.create()["id"])
    for where in (LIST, path):
        answer = oncall.send("GET", where, params={"format": value})
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        assert answer.headers["Content-Type"] == "application/json"


@law("grafana-oncall/accept.format-parameter")
def test_nothing_is_written_in_an_unknown_format(oncall: OnCall) -> None:
    created = oncall.create("before")
    answer = oncall.send("PUT", at(created["id"]), params={"format": "xml"}, json={"text": "after"})
    assert answer.status_code == 404
    assert oncall.read(created["id"])["text"] == "before"


@law("grafana-oncall/accept.format-parameter")
def test_a_format_of_json_makes_no_difference(oncall: OnCall) -> None:
    created = oncall.create()
    answer = oncall.send("GET", at(created["id"]), params={"format": "json"}, headers=JSON)
    assert answer.status_code == 200
    assert oncall.core(answer.json()) == oncall.core(oncall.read(created["id"]))
    assert created["id"] in ids(oncall.listed(format="json"))
