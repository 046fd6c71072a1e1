from __future__ import annotations

import httpx
import pytest

from contract_tests.grafana_oncall.client import JSON, LIST, NOT_FOUND, PAGE, UNKNOWN, OnCall, at, ids
from contract_tests.grafana_oncall.others import others_everywhere, others_in_the_group
from contract_tests.laws import law
from contract_tests.shared import while_nobody_else_writes
from contract_tests.wire import speak

LIST_METHODS = "GET, POST, HEAD, OPTIONS"
DETAIL_METHODS = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
# Without the length: the tag that a run puts into texts there is taken off bodies, and HEAD has none.
KNOWN = {
    *("Content-Type", "Allow", "Vary", "X-Frame-Options", "X-Content-Type-Options"),
    *("Referrer-Policy", "Cross-Origin-Opener-Policy"),
}


@law("grafana-oncall/method.unsupported")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_a_method_that_the_list_does_not_know_answers_405(oncall: OnCall, method: str) -> None:
    answer = oncall.send(method, LIST)
    assert (answer.status_code, answer.json()) == (405, {"detail": f'Method "{method}" not allowed.'})
    assert answer.headers["Allow"] == LIST_METHODS


@law("grafana-oncall/method.unsupported")
@pytest.mark.parametrize("method", ["POST", "TRACE", "PROPFIND"])
def test_a_method_that_a_postmortem_does_not_know_answers_405(oncall: OnCall, method: str) -> None:
    created = oncall.create()
    answer = oncall.send(method, at(created["id"]))
    assert (answer.status_code, answer.json()) == (405, {"detail": f'Method "{method}" not allowed.'})
    assert answer.headers["Allow"] == DETAIL_METHODS


@law("grafana-oncall/method.unsupported")
def test_a_malformed_body_does_not_hide_that_a_method_is_unsupported(oncall: OnCall) -> None:
    answer = oncall.send("PUT", LIST, content=b"{", headers=JSON)
    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "PUT" not allowed.'})


@law("grafana-oncall/method.options")
def test_options_describes_the_view_as_json(oncall: OnCall) -> None:
    for path in (LIST, at(oncall.create()["id"])):
        answer = oncall.send("OPTIONS", path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json"
        assert isinstance(answer.json()["name"], str)
        assert isinstance(answer.json()["description"], str)


def assert_alike(head: httpx.Response, get: httpx.Response, oncall: OnCall) -> None:
    """The same headers, but for the time; of a real deployment those that the rules know."""
    names = KNOWN if oncall.shared else {*head.headers, *get.headers} - {"date"}
    assert {name: head.headers.get(name) for name in names} == {name: get.headers.get(name) for name in names}


@law("grafana-oncall/method.head")
@while_nobody_else_writes(others_everywhere)
@pytest.mark.parametrize("query", [{}, {"alert_group_id": "NOPE"}])
def test_head_of_the_list_has_status_and_headers_of_get(oncall: OnCall, query: dict[str, str]) -> None:
    oncall.create()
    get, head = (oncall.send(method, LIST, params=query) for method in ("GET", "HEAD"))
    assert head.status_code == get.status_code == 200
    assert_alike(head, get, oncall)


@law("grafana-oncall/method.head")
def test_head_of_a_postmortem_has_status_and_headers_of_get(oncall: OnCall) -> None:
    for path, status in ((at(oncall.create()["id"]), 200), (at(UNKNOWN), 404)):
        get, head = (oncall.send(method, path) for method in ("GET", "HEAD"))
        assert head.status_code == get.status_code == status
        assert_alike(head, get, oncall)


@law("grafana-oncall/method.head")
def test_no_body_follows_the_headers_of_an_answer_to_head(oncall: OnCall, base_url: str) -> None:
    for path, status in ((LIST, 200), (at(oncall.create()["id"]), 200), (at(UNKNOWN), 404)):
        headers = {"Authorization": oncall.token or ""}
        assert speak(base_url, f"HEAD {path} HTTP/1.1", headers) == (status, b"")


@law("grafana-oncall/path.slash-is-optional")
def test_every_operation_answers_without_the_slash(oncall: OnCall) -> None:
    body = {"alert_group_id": oncall.group, "text": "without a slash"}
    created = oncall.send("POST", LIST.rstrip("/"), json=body)
    assert (created.status_code, created.json()["text"]) == (201, "without a slash")
    path = at(created.json()["id"]).rstrip("/")
    shown = oncall.send("GET", path)
    assert shown.status_code == 200
    assert oncall.core(shown.json()) == oncall.core(oncall.read(created.json()["id"]))
    for method in ("PUT", "PATCH"):
        answer = oncall.send(method, path, json={"text": f"by {method}"})
        assert (answer.status_code, answer.json()["text"]) == (200, f"by {method}")
    deleted = oncall.send("DELETE", path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert oncall.send("GET", path).json() == NOT_FOUND


@law("grafana-oncall/path.slash-is-optional")
@while_nobody_else_writes(others_in_the_group)
def test_the_list_without_the_slash_is_the_list(oncall: OnCall) -> None:
    created = oncall.create()
    answer = oncall.send("GET", LIST.rstrip("/"), params={"alert_group_id": oncall.group, "perpage": PAGE})
    assert answer.status_code == 200
    assert created["id"] in ids(answer.json()["results"])
    assert answer.json()["results"] == oncall.page(alert_group_id=oncall.group, perpage=PAGE)["results"]


@law("grafana-oncall/path.slash-is-optional")
def test_refusals_are_the_same_without_the_slash(oncall: OnCall, nobody: OnCall) -> None:
    for user in (oncall, nobody):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            for path in (LIST, at(UNKNOWN)):
                with_slash, without = user.send(method, path), user.send(method, path.rstrip("/"))
                assert with_slash.status_code == without.status_code
                if not with_slash.is_success:
                    assert with_slash.content == without.content


@law("grafana-oncall/path.unknown-is-html")
@pytest.mark.parametrize(
    "path",
    ["/api/v1/", "/api/v1/nosuch/", "/api/v1/nosuch", "/api/v1/postmortem/", f"{LIST}P658FE5K87EWZ/extra/"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_answers_404_as_html(oncall: OnCall, nobody: OnCall, path: str, method: str) -> None:
    for user in (oncall, nobody):
        answer = user.send(method, path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "<html" in answer.text


@law("grafana-oncall/path.id-with-a-dot")
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_an_id_with_a_dot_answers_the_html_of_an_unknown_path(oncall: OnCall, method: str) -> None:
    created = oncall.create("before")
    unknown = oncall.send("GET", "/api/v1/nosuch/")
    for odd in (f"{created['id']}.json", "P.X", f"{created['id']}."):
        for path in (at(odd), at(odd).rstrip("/")):
            answer = oncall.send(method, path, json={"text": "after"})
            assert answer.status_code == 404
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            assert answer.content == unknown.content
    assert oncall.read(created["id"])["text"] == "before"


@law("grafana-oncall/get.escaped-id")
def test_an_escaped_letter_of_an_id_is_that_letter(oncall: OnCall) -> None:
    created = oncall.create()
    for place in (0, 5, len(created["id"]) - 1):
        letters = list(created["id"])
        letters[place] = f"%{ord(letters[place]):02x}"
        answer = oncall.send("GET", at("".join(letters)))
        assert (answer.status_code, answer.json().get("id")) == (200, created["id"])
