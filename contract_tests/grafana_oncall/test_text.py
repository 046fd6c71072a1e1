from __future__ import annotations

import json
from typing import Any

import pytest

from contract_tests.grafana_oncall.client import JSON, LIST, NOT_BLANK, NOT_NULL, OnCall, at
from contract_tests.laws import law

REFUSED = pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
WHITE = ["", " ", "\t", "\n", "\r\n", " \t\r\n ", "\u00a0", "\u3000", "\u2003\u2028", "\x0b\x0c", "\x85"]


def try_text(oncall: OnCall, method: str, text: Any) -> tuple[int, Any]:
    """Sends the text, and makes sure that an old one survives a refusal."""
    path = LIST if method == "POST" else at(oncall.create("before")["id"])
    before = oncall.mine(alert_group_id=oncall.group)
    body = json.dumps({"alert_group_id": oncall.group, "text": text}).encode()
    answer = oncall.send(method, path, content=body, headers=JSON)
    if answer.status_code >= 400:
        assert oncall.mine(alert_group_id=oncall.group) == before
    return answer.status_code, answer.json()


@law("grafana-oncall/field.text-null-or-blank")
@REFUSED
def test_a_text_of_null_is_refused(oncall: OnCall, method: str) -> None:
    assert try_text(oncall, method, None) == (400, {"text": NOT_NULL})


@law("grafana-oncall/field.text-null-or-blank")
@REFUSED
@pytest.mark.parametrize("text", WHITE, ids=ascii)
def test_an_empty_or_white_text_is_refused(oncall: OnCall, method: str, text: str) -> None:
    assert try_text(oncall, method, text) == (400, {"text": NOT_BLANK})


@law("grafana-oncall/field.text-type")
@REFUSED
@pytest.mark.parametrize("text", [True, False, [], ["x"], {}, {"text": "x"}], ids=ascii)
def test_a_boolean_a_list_or_an_object_is_no_text(oncall: OnCall, method: str, text: Any) -> None:
    assert try_text(oncall, method, text) == (400, {"text": ["Not a valid string."]})


@law("grafana-oncall/field.text-type")
@REFUSED
@pytest.mark.parametrize(("number", "text"), [(5, "5"), (0, "0"), (-7, "-7"), (1.0, "1.0"), (2.5, "2.5")])
def test_a_number_is_kept_as_a_string(oncall: OnCall, method: str, number: float, text: str) -> None:
    status, answer = try_text(oncall, method, number)
    assert (status, answer["text"]) == (201 if method == "POST" else 200, text)
    assert oncall.read(answer["id"])["text"] == text


TEXTS = {
    "line ends": "a\nb\r\nc\rd\n\n\ne",
    "inner white space": "a \t  b\u00a0\u00a0c",
    "markup": "<script>alert('&amp;')</script> <b>&lt;</b> {{ x }} ${y} %s \\n",
    "quotes": "\"double\" 'single' `back` \\ /",
    "markdown": "# Title\n\n* [x] done\n\n| a | b |\n|---|---|",
    "Latin 1": "Crème brûlée à 5 °C, naïve façade",
    "Greek, Cyrillic, Hebrew, Arabic": "Ελληνικά кириллица עברית العربية",
    "Chinese and Japanese": "根本原因：磁盘已满。ディスクがいっぱい",
    "composed and decomposed": "\u00e9 and e\u0301",
    "emoji": "🔥 👩\u200d🚒 🇺🇦 𝔘",
    "line separators": "a\u2028b\u2029c",
    "zero width at the ends": "\u200bx\ufeff",
    "control characters": "a\x01\x1b[31m\x7fb",
    "noncharacters": "\ufffe\uffff\U0010ffff\ufffd",
    "looks like null": "null",
    "looks like a number": "007",
    "one character": "x",
}


@law("grafana-oncall/field.text-kept")
@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_comes_back_as_sent(oncall: OnCall, kind: str) -> None:
    created = oncall.create(TEXTS[kind])
    assert created["text"] == TEXTS[kind]
    assert oncall.read(created["id"])["text"] == TEXTS[kind]
    listed = {it["id"]: it["text"] for it in oncall.listed(alert_group_id=oncall.group)}
    assert listed[created["id"]] == TEXTS[kind]


@law("grafana-oncall/field.text-kept")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("kind", TEXTS)
def test_an_updated_text_comes_back_as_sent(oncall: OnCall, method: str, kind: str) -> None:
    created = oncall.create("before")
    answer = oncall.send(method, at(created["id"]), json={"text": TEXTS[kind]})
    assert answer.json()["text"] == TEXTS[kind]
    assert oncall.read(created["id"])["text"] == TEXTS[kind]


@law("grafana-oncall/field.text-kept")
@pytest.mark.parametrize("character", ["x", "é", "🔥"])
def test_a_text_of_100_000_characters_comes_back_whole(oncall: OnCall, character: str) -> None:
    created = oncall.create(character * 100_000)
    assert created["text"] == character * 100_000
    assert oncall.read(created["id"])["text"] == character * 100_000


@law("grafana-oncall/field.text-kept")
@pytest.mark.parametrize("white", WHITE[1:], ids=ascii)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_white_space_at_the_ends_is_cut_off(oncall: OnCall, method: str, white: str) -> None:
    status, answer = try_text(oncall, method, f"{white}a {white} b{white}")
    assert status < 300
    assert answer["text"] == f"a {white} b"
    assert oncall.read(answer["id"])["text"] == f"a {white} b"


@law("grafana-oncall/field.text-kept")
def test_escaped_and_plain_characters_are_the_same(oncall: OnCall) -> None:
    body = rb'{"alert_group_id": "%s", "text": "\u0041\ud83d\udd25\/\u00e9"}' % oncall.group.encode()
    assert oncall.post_raw(body).json()["text"] == "A🔥/é"


@law("grafana-oncall/field.text-forbidden-characters")
@REFUSED
@pytest.mark.parametrize("text", ["\0", "a\0b", "a\0"], ids=ascii)
def test_a_nul_in_a_text_is_refused(oncall: OnCall, method: str, text: str) -> None:
    assert try_text(oncall, method, text) == (400, {"text": ["Null characters are not allowed."]})


@law("grafana-oncall/field.text-forbidden-characters")
@REFUSED
@pytest.mark.parametrize("code", ["D800", "DBFF", "DC00", "DFFF"])
def test_a_lone_surrogate_in_a_text_is_refused(oncall: OnCall, method: str, code: str) -> None:
    expected = {"text": [f"Surrogate characters are not allowed: U+{code}."]}
    assert try_text(oncall, method, f"a{chr(int(code, 16))}b") == (400, expected)
