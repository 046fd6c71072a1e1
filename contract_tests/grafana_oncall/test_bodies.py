from __future__ import annotations

import gzip

import pytest

from contract_tests.grafana_oncall.client import JSON, LIST, REQUIRED, OnCall, at
from contract_tests.laws import law

WRITES = pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
LIMIT = 16 * 1024 * 1024


def path_for(oncall: OnCall, method: str) -> str:
    return LIST if method == "POST" else at(oncall.create("before")["id"])


MALFORMED = {
    "open brace": b"{",
    "no value": b'{"alert_group_id":',
    "no quotes": b"{text: 1}",
    "single quotes": b"{'text': 'x'}",
    "comma at the end": b'{"text": "x",}',
    "two values": b'{"text": "x"} {"text": "y"}',
    "open string": b'{"text": "x',
    "line end in a string": b'{"text": "a\nb"}',
    "bad escape": rb'{"text": "\x41"}',
    "words": b"text=x",
    "comment": b'{"text": "x"} // the text',
    "NaN": b'{"text": NaN}',
    "Infinity": b'{"text": Infinity}',
    "-Infinity": b'{"text": -Infinity}',
    "no UTF-8": b'{"text": "\xff\xfe"}',
    "white": b" \n",
}


@law("grafana-oncall/body.malformed")
@WRITES
@pytest.mark.parametrize("kind", MALFORMED)
def test_a_body_that_is_not_json_is_a_parse_error(oncall: OnCall, method: str, kind: str) -> None:
    path = path_for(oncall, method)
    before = oncall.mine(alert_group_id=oncall.group)
    answer = oncall.send(method, path, content=MALFORMED[kind], headers=JSON)
    assert answer.status_code == 400
    assert list(answer.json()) == ["detail"]
    assert answer.json()["detail"].startswith("JSON parse error - ")
    assert oncall.mine(alert_group_id=oncall.group) == before


@law("grafana-oncall/body.not-an-object")
@WRITES
@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("[]", "list"),
        ('[{"text": "x"}]', "list"),
        ('""', "str"),
        ('"text"', "str"),
        ("5", "int"),
        ("0", "int"),
        ("1.5", "float"),
        ("true", "bool"),
        ("false", "bool"),
    ],
)
def test_a_body_that_is_no_object_is_named_by_its_type(
    oncall: OnCall, method: str, body: str, name: str
) -> None:
    answer = oncall.send(method, path_for(oncall, method), content=body, headers=JSON)
    expected = {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {name}."]}
    assert (answer.status_code, answer.json()) == (400, expected)


@law("grafana-oncall/body.not-an-object")
@WRITES
def test_a_body_of_null_is_no_data(oncall: OnCall, method: str) -> None:
    answer = oncall.send(method, path_for(oncall, method), content=b"null", headers=JSON)
    assert (answer.status_code, answer.json()) == (400, {"non_field_errors": ["No data provided"]})


@law("grafana-oncall/body.empty")
@pytest.mark.parametrize("headers", [{}, JSON])
def test_an_empty_body_is_an_empty_object(oncall: OnCall, headers: dict[str, str]) -> None:
    created = oncall.create("before")
    post = oncall.send("POST", LIST, headers=headers)
    put = oncall.send("PUT", at(created["id"]), headers=headers)
    patch = oncall.send("PATCH", at(created["id"]), headers=headers)
    assert (post.status_code, post.json()) == (400, {"alert_group_id": REQUIRED, "text": REQUIRED})
    assert (put.status_code, put.json()) == (400, {"text": REQUIRED})
    assert (patch.status_code, patch.json()) == (200, created)


@law("grafana-oncall/body.duplicate-keys")
def test_of_two_equal_keys_the_last_one_counts(oncall: OnCall) -> None:
    group = oncall.group.encode()
    body = b'{"alert_group_id": "NOPE", "text": "one", "alert_group_id": "%s", "text": "two"}' % group
    answer = oncall.post_raw(body)
    assert (answer.status_code, answer.json()["text"]) == (201, "two")
    put = oncall.send("PUT", at(answer.json()["id"]), content=b'{"text": null, "text": "3"}', headers=JSON)
    assert (put.status_code, put.json()["text"]) == (200, "3")
    put = oncall.send("PUT", at(answer.json()["id"]), content=b'{"text": "4", "text": ""}', headers=JSON)
    assert put.status_code == 400


@law("grafana-oncall/body.too-large")
@WRITES
def test_a_body_over_16_mib_answers_413(oncall: OnCall, method: str) -> None:
    body = b'{"alert_group_id": "%s", "text": "x"' % oncall.group.encode()
    path = path_for(oncall, method)
    answer = oncall.send(method, path, content=body.ljust(LIMIT) + b"}", headers=JSON)
    assert (answer.status_code, answer.json()) == (
        413,
        {"detail": "Request body is larger than 16777216 bytes."},
    )


@law("grafana-oncall/body.too-large")
def test_a_body_of_16_mib_is_read(oncall: OnCall) -> None:
    body = b'{"alert_group_id": "%s", "text": "x"' % oncall.group.encode()
    assert oncall.post_raw(body.ljust(LIMIT - 1) + b"}").status_code == 201


NONSENSE: dict[str, tuple[bytes, dict[str, str]]] = {
    "deep lists": (b"[" * 100_000, JSON),
    "deep lists, closed": (b"[" * 100_000 + b"]" * 100_000, JSON),
    "deep objects": (b'{"a":' * 100_000, JSON),
    "deep text": (b'{"text":' + b"[" * 50_000 + b"]" * 50_000 + b"}", JSON),
    "deep unknown field": (b'{"text":"x","a":' + b"[" * 50_000 + b"]" * 50_000 + b"}", JSON),
    "long number": (b'{"text":' + b"9" * 10_000 + b"}", JSON),
    "huge exponent": (b'{"text": 1e400}', JSON),
    "tiny exponent": (b'{"text": -1e-400}', JSON),
    "long exponent": (b'{"text": 1e' + b"9" * 10_000 + b"}", JSON),
    "surrogate in a name": (rb'{"\ud800": 1, "text": "x"}', JSON),
    "surrogates in the group": (rb'{"alert_group_id": "\udfff\ud800", "text": "x"}', JSON),
    "NUL in a name": (rb'{"\u0000": 1, "text": "x"}', JSON),
    "NULs": (b"\0" * 100, JSON),
    "all bytes": (bytes(range(256)), JSON),
    "byte order mark": (b'\xef\xbb\xbf{"text": "x"}', JSON),
    "UTF-16 unannounced": ('{"text": "x"}'.encode("utf-16"), JSON),
    "half a UTF-16": (b"\xff\xfe{", {"Content-Type": "application/json; charset=utf-16"}),
    "unknown charset": (b'{"text": "x"}', {"Content-Type": "application/json; charset=nonsense"}),
    "charset that is no text": (b'{"text": "x"}', {"Content-Type": "application/json; charset=base64"}),
    "broken parameters": (b'{"text": "x"}', {"Content-Type": "application/json;;=;charset"}),
    "NUL charset": (b'{"text": "x"}', {"Content-Type": 'application/json; charset="a b"'}),
    "bad percents": (b"text=%zz%ff%&=&&text", {"Content-Type": "application/x-www-form-urlencoded"}),
    "many fields": (b"&".join([b"a=1"] * 5000), {"Content-Type": "application/x-www-form-urlencoded"}),
    "surrogate in a form": (b"text=%ED%A0%80", {"Content-Type": "application/x-www-form-urlencoded"}),
    "no boundary": (b"--B\r\n\r\nx\r\n--B--", {"Content-Type": "multipart/form-data"}),
    "wrong boundary": (b"--A\r\n\r\nx\r\n--A--", {"Content-Type": "multipart/form-data; boundary=B"}),
    "open multipart": (b"--B\r\nContent-Dis", {"Content-Type": "multipart/form-data; boundary=B"}),
    "empty multipart": (b"--B--\r\n", {"Content-Type": "multipart/form-data; boundary=B"}),
    "odd boundary": (b"x", {"Content-Type": 'multipart/form-data; boundary="\xff"'}),
    "gzip": (gzip.compress(b'{"text": "x"}'), JSON | {"Content-Encoding": "gzip"}),
    "no gzip": (b'{"text": "x"}', JSON | {"Content-Encoding": "gzip"}),
}


@law("grafana-oncall/body.never-500")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("kind", NONSENSE)
def test_no_nonsense_answers_500(oncall: OnCall, method: str, kind: str) -> None:
    body, headers = NONSENSE[kind]
    path = LIST if method == "POST" else at(oncall.create("before")["id"])
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    assert oncall.send(method, path, content=body, headers=encoded).status_code < 500
    assert oncall.send("GET", LIST).status_code == 200


@law("grafana-oncall/body.never-500")
def test_no_body_in_chunks_answers_500(oncall: OnCall) -> None:
    whole = [b'{"alert_group_id": "', oncall.group.encode(), b'", "text": ', b'"in chunks"}']
    for chunks in (whole, [b"{"], [b"x"] * 100, []):
        assert oncall.send("POST", LIST, content=iter(chunks), headers=JSON).status_code < 500
