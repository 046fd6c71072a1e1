from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contract_tests.incident_io.client import SCOPE, UNKNOWN, IncidentIo, at, refused
from contract_tests.laws import law

MISSING = {
    "code": "missing_authorization_material",
    "message": "No authorization material provided in request",
}
INVALID = {"code": "access_token_invalid", "message": "Access token is not valid"}


@law("incident-io/auth.missing")
def test_without_authorization_the_answer_is_401(without_key: IncidentIo) -> None:
    answer = without_key.post()
    assert refused(answer, 401, "authentication_error", MISSING["code"]) == [MISSING]


@law("incident-io/auth.missing")
@pytest.mark.parametrize("name", ["api_key", "access_token", "Authorization", "token", "key"])
def test_a_key_in_the_query_string_is_no_authorization(
    incident: IncidentIo, without_key: IncidentIo, name: str
) -> None:
    answer = without_key.post(params={name: incident.key})
    assert refused(answer, 401, "authentication_error", MISSING["code"]) == [MISSING]


@law("incident-io/auth.missing")
def test_a_key_in_another_header_or_a_cookie_is_no_authorization(
    incident: IncidentIo, without_key: IncidentIo
) -> None:
    bearer = f"Bearer {incident.key}"
    for headers in ({"X-Api-Key": incident.key}, {"X-Authorization": bearer}, {"Cookie": f"token={bearer}"}):
        answer = without_key.post(headers=headers)
        assert refused(answer, 401, "authentication_error", MISSING["code"]) == [MISSING]


UNKNOWN_KEYS: dict[str, Callable[[str], str]] = {
    "made up": lambda key: "not-a-key-of-anybody",
    "truncated": lambda key: key[:-1],
    "lengthened": lambda key: f"{key}x",
    "upper-cased": str.upper,
    "quoted": lambda key: f'"{key}"',
    "Bearer twice": lambda key: f"Bearer {key}",
    "two keys": lambda key: f"{key},{key}",
}


@law("incident-io/auth.unknown-key")
@pytest.mark.parametrize("kind", UNKNOWN_KEYS)
def test_a_key_that_does_not_exist_answers_401(incident: IncidentIo, kind: str) -> None:
    bad = UNKNOWN_KEYS[kind](incident.key or "")
    if bad == incident.key:
        pytest.skip("not judged: upper-cased or not, the key is the same")
    answer = incident.with_key(bad).post()
    assert refused(answer, 401, "authentication_error", INVALID["code"]) == [INVALID]


@law("incident-io/auth.unknown-key")
def test_the_key_is_not_repeated_in_the_answer(unknown_key: IncidentIo) -> None:
    answer = unknown_key.post()
    assert "not-a-key-of-anybody" not in answer.text
    assert "not-a-key-of-anybody" not in str(answer.headers)


@law("incident-io/auth.other-scheme")
@pytest.mark.parametrize("form", ["", "{key}", "Basic {key}", "Token {key}", "Digest {key}", "Bearer:{key}"])
def test_another_scheme_than_bearer_is_no_authorization(
    incident: IncidentIo, without_key: IncidentIo, form: str
) -> None:
    answer = without_key.post(headers={"Authorization": form.format(key=incident.key)})
    assert refused(answer, 401, "authentication_error", MISSING["code"]) == [MISSING]


@law("incident-io/auth.missing-scope")
def test_a_key_without_the_scope_answers_403_and_names_it(without_scope: IncidentIo) -> None:
    errors = refused(without_scope.post(), 403, "resource_forbidden", "missing_required_scope")
    assert errors[0]["message"] == f"missing a required scope: {SCOPE}"
    assert errors[0]["metadata"]["scope"] == SCOPE


FAULTS: dict[str, dict[str, Any]] = {
    "malformed body": {"body": b"{"},
    "empty body": {"body": b""},
    "invalid body": {"body": b"{}"},
    "another type": {"body": b"x", "content_type": "text/plain"},
    "unknown incident": {"body": b'{"title": "x", "content": ""}', "incident": UNKNOWN},
    "everything": {"body": b"{", "content_type": "text/plain", "incident": UNKNOWN},
}


@law("incident-io/order.key-then-scope")
@pytest.mark.parametrize("kind", FAULTS)
def test_a_missing_key_comes_before_every_other_fault(without_key: IncidentIo, kind: str) -> None:
    refused(without_key.post_raw(**FAULTS[kind]), 401, "authentication_error", MISSING["code"])


@law("incident-io/order.key-then-scope")
@pytest.mark.parametrize("kind", FAULTS)
def test_an_unknown_key_comes_before_every_other_fault(unknown_key: IncidentIo, kind: str) -> None:
    refused(unknown_key.post_raw(**FAULTS[kind]), 401, "authentication_error", INVALID["code"])


@law("incident-io/order.key-then-scope")
@pytest.mark.parametrize("kind", FAULTS)
def test_a_missing_scope_comes_before_every_other_fault(without_scope: IncidentIo, kind: str) -> None:
    refused(without_scope.post_raw(**FAULTS[kind]), 403, "resource_forbidden", "missing_required_scope")


@law("incident-io/order.body-before-incident")
def test_a_malformed_body_answers_400_even_if_the_incident_is_unknown(incident: IncidentIo) -> None:
    refused(incident.post_raw(b"{", incident=UNKNOWN), 400, "invalid_request_error", "decode_payload")


@law("incident-io/order.body-before-incident")
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"title": 5, "content": ""}'])
def test_an_invalid_body_answers_422_even_if_the_incident_is_unknown(
    incident: IncidentIo, body: bytes
) -> None:
    answer = incident.post_raw(body, incident=UNKNOWN)
    assert (answer.status_code, answer.json()["type"]) == (422, "validation_error")


@law("incident-io/incident.unknown")
@pytest.mark.parametrize("name", [UNKNOWN, "nope", "0", "INC-123456789", "01GBA8J19SMXQWPJMX3P2ESC"])
def test_an_unknown_incident_answers_404(incident: IncidentIo, name: str) -> None:
    refused(incident.post(incident=name), 404, "not_found", "resource_not_found")


@law("incident-io/incident.unknown")
def test_an_incident_of_another_organisation_is_unknown(incident: IncidentIo, stranger: IncidentIo) -> None:
    refused(incident.post(incident=stranger.incident), 404, "not_found", "resource_not_found")
    refused(stranger.post(incident=incident.incident), 404, "not_found", "resource_not_found")


@law("incident-io/incident.unknown-message")
def test_the_words_for_an_unknown_incident_are_the_general_ones(incident: IncidentIo) -> None:
    errors = refused(incident.post(incident=UNKNOWN), 404, "not_found", "resource_not_found")
    assert errors[0]["message"] == "The referenced resource could not be found."


@law("incident-io/path.unrouted")
@pytest.mark.parametrize(
    "path",
    [
        "/v2/nosuch",
        "/v2/incidents/{id}/actions/nosuch",
        "/v2",
        "/v3/incidents/{id}/actions/import_postmortem_document",
    ],
)
def test_a_path_that_is_not_routed_answers_404_without_a_body(
    incident: IncidentIo, without_key: IncidentIo, path: str
) -> None:
    for key in (incident, without_key):
        for method in ("GET", "POST"):
            answer = key.send(method, path.format(id=incident.incident))
            assert (answer.status_code, answer.content) == (404, b"")


@law("incident-io/path.unrouted")
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_a_wrong_method_answers_404_without_a_body(
    incident: IncidentIo, without_key: IncidentIo, unknown_key: IncidentIo, method: str
) -> None:
    for key in (incident, without_key, unknown_key):
        answer = key.send(method, at(incident.incident))
        assert (answer.status_code, answer.content) == (404, b"")
        assert "Allow" not in answer.headers
