"""What a request does is told from its bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract_tests.exchange import Answered, Asked
from contract_tests.guard.meaning import VENDORS, effect_of, is_plain, made, sent_text

SPECS = Path(__file__).parents[2] / "specs"
DOCUMENTS = {
    "grafana_oncall": ["grafana-oncall/openapi.yaml"],
    "incident_io": ["incident-io/upstream.yaml", "incident-io/workflow.yaml"],
}
NOTE, NOTES = "/api/v1/resolution_notes/MABC/", "/api/v1/resolution_notes/"
INCIDENT = "/v2/incidents/01A"


def asked(method: str, target: str, body: Any = None, *headers: tuple[str, str]) -> Asked:
    return Asked(method, target, headers, b"" if body is None else json.dumps(body).encode())


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
def test_the_table_has_every_operation_of_the_documents_and_no_other(vendor: Any) -> None:
    documented = {
        (method.upper(), path, operation["operationId"])
        for name in DOCUMENTS[vendor.name]
        for path, item in yaml.safe_load((SPECS / name).read_text("utf-8"))["paths"].items()
        for method, operation in item.items()
        if method in ("get", "put", "post", "delete", "patch")
    }
    assert {(one.method, one.template, one.name) for one in vendor.operations} == documented


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
def test_every_operation_is_found_by_its_own_path(vendor: Any) -> None:
    for operation in vendor.operations:
        path = operation.template.replace("{id}", "ABC")
        for form in (path, path.rstrip("/"), f"{path}?a=b"):
            effect = effect_of(asked(operation.method, form))
            assert (effect.operation, effect.kind) == (operation, operation.kind)
            assert effect_of(asked(operation.method, f"/base{form}"), "/base") == effect


@pytest.mark.parametrize(
    "method, target, kind, ref",
    [
        ("GET", NOTE, "read", ("", "")),
        ("HEAD", NOTE, "read", ("", "")),
        ("OPTIONS", NOTE, "read", ("", "")),
        ("OPTIONS", "*", "read", ("", "")),
        ("GET", "/nothing", "read", ("", "")),
        ("PUT", NOTE, "change", ("note", "MABC")),
        ("PATCH", "/api/v1/postmortem_messages/MABC", "change", ("note", "MABC")),
        ("DELETE", "/api/v1/postmortems/PABC/", "delete", ("postmortem", "PABC")),
        ("DELETE", "/api/v1/alert_groups/IABC/", "delete", ("alert_group", "IABC")),
        ("POST", "/api/v1/alert_groups/IABC/silence/", "change", ("alert_group", "IABC")),
        ("POST", f"{INCIDENT}/actions/edit", "change", ("incident", "01A")),
        ("PUT", "/v3/follow_ups/01F", "change", ("follow_up", "01F")),
        ("DELETE", "/v3/follow_ups/01F", "delete", ("follow_up", "01F")),
    ],
)
def test_a_request_reads_or_changes_or_deletes_one_thing(
    method: str, target: str, kind: str, ref: tuple[str, str]
) -> None:
    effect = effect_of(asked(method, target))
    assert effect.kind == kind
    assert kind == "read" or effect.ref == ref


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "get", "head", "FOO", "0", "POST", "DELETE", ""])
def test_of_a_method_that_is_not_known_there_nobody_knows_what_it_does(method: str) -> None:
    assert effect_of(asked(method, "/api/v1/users/")).kind == "unknown"
    assert effect_of(asked(method, "/_mock/reset")).kind == "unknown"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/postmortems//PABC/",
        "/api/v1//postmortems/PABC/",
        "//api/v1/postmortems/PABC/",
        "/api/v1/postmortems/./PABC/",
        "/api/v1/postmortems/PXYZ/../PABC/",
        "/api/v1/postmortems/PXYZ/..",
        "/api/v1/postmortems/%50ABC/",
        "/api/v1/postmortems/PABC%2F",
        "/api/v1/postmortems/PABC%00/",
        "/api/v1/postmortems/PABC;x=y/",
        "/api/v1/postmortems/PABC\\/",
        "/api/v1/postmortems/PABC//",
        "/API/v1/postmortems/PABC/",
        "/api/v1/postmortems/PABC/extra",
        "api/v1/postmortems/PABC/",
        "/api/v1/postmortems/PABC\u00e9/",
    ],
)
def test_a_path_that_servers_may_read_differently_is_not_guessed_at(path: str) -> None:
    assert effect_of(asked("DELETE", path)).kind == "unknown"
    assert effect_of(asked("GET", path)).kind == "read"


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "x-http-method", "X-Method-Override"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_that_says_it_has_another_method_is_not_trusted(header: str, method: str) -> None:
    assert effect_of(asked(method, NOTES, None, (header, "DELETE"))).kind == "unknown"
    assert effect_of(asked(method, f"{NOTES}?_method=DELETE")).kind == "unknown"
    form = Asked(
        method, NOTES, (("Content-Type", "application/x-www-form-urlencoded"),), b"text=x&_method=PUT"
    )
    assert effect_of(form).kind == "unknown"


@pytest.mark.parametrize(
    "content_type, body",
    [
        ("application/json", b'{"alert_group_id": "IABC", "text": " words "}'),
        ("application/x-www-form-urlencoded", b"alert_group_id=IABC&text=+words+"),
        (
            "multipart/form-data; boundary=B",
            b'--B\r\nContent-Disposition: form-data; name="alert_group_id"\r\n\r\nIABC\r\n'
            b'--B\r\nContent-Disposition: form-data; name="text"\r\nX: y\r\n\r\n words \r\n--B--\r\n',
        ),
    ],
)
def test_a_create_tells_where_it_adds_what(content_type: str, body: bytes) -> None:
    request = Asked("POST", NOTES, (("Content-Type", content_type),), body)
    effect = effect_of(request)
    assert (effect.kind, effect.into, effect.doubt) == ("create", ("IABC",), "")
    assert effect.operation is not None
    assert effect.vendor is not None
    assert sent_text(effect.operation, effect.vendor, request) == " words "


def incident(**body: Any) -> str:
    return effect_of(
        asked("POST", "/v2/incidents", {"mode": "test", "idempotency_key": "k" * 16, **body})
    ).doubt


def test_only_incidents_of_mode_test_are_without_doubt() -> None:
    assert incident() == ""
    assert incident(mode="standard") == "only incidents of mode test are opened"
    assert incident(Mode="standard") == "only incidents of mode test are opened"
    assert incident(mode=None) == "only incidents of mode test are opened"
    assert effect_of(asked("POST", "/v2/incidents", {})).doubt == "only incidents of mode test are opened"
    assert (
        effect_of(Asked("POST", "/v2/incidents", (), b'{"mode": "test"} x')).doubt
        == "its body cannot be read"
    )


def test_a_short_idempotency_key_may_be_somebody_elses() -> None:
    for key in ("", "0", "k" * 15, None, 5):
        assert "may be somebody else's" in incident(idempotency_key=key)
    assert "may be somebody else's" in incident(IDEMPOTENCY_KEY="0")


def test_an_attached_link_changes_the_incident_that_the_body_names() -> None:
    path = "/v1/postmortem_documents/actions/attach"
    assert effect_of(asked("POST", path, {"incident_id": "01A"})).ref == ("incident", "01A")
    assert effect_of(asked("POST", path, {"incident_id": "01A", "Incident_ID": "01B"})).ref == (
        "incident",
        "",
    )
    assert effect_of(asked("POST", path, {})).ref == ("incident", "")


@pytest.mark.parametrize(
    "operation, body, id_",
    [
        ("create_postmortem", {"id": "PABC"}, "PABC"),
        ("Follow-ups V3_Create", {"follow_up": {"id": "01F"}}, "01F"),
        ("Follow-ups V3_Create", {"id": "01F"}, ""),
        ("create_postmortem", {"id": 5}, ""),
        ("create_postmortem", {"id": "../PABC"}, ""),
        ("create_postmortem", {"id": "P/ABC?"}, ""),
        ("create_postmortem", {"id": ""}, ""),
        ("create_postmortem", [], ""),
    ],
)
def test_an_answer_tells_the_id_of_what_was_made(operation: str, body: Any, id_: str) -> None:
    table = {one.name: one for vendor in VENDORS for one in vendor.operations}
    assert made(table[operation], Answered(201, (), json.dumps(body).encode())) == id_
    assert made(table[operation], Answered(201, (), b"no json")) == ""


def test_a_plain_path_is_one_that_needs_no_reading() -> None:
    assert is_plain("/api/v1/postmortems/P-A_b.~9/")
    assert is_plain("/...")
    assert not any(map(is_plain, ["/a b", "/a?b", "/a#b", "/.", "/..", "/a/../b", "//", "/a//b", "/%41"]))
