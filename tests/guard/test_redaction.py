"""No form of a credential is left in what leaves for a report."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.guard.redaction import MARK, Redactor

SECRET = "se/cret +\"word'<&%\\ \u00e9"
FORMS = {
    "as it is": SECRET,
    "in a path": quote(SECRET, safe=""),
    "in a path with slashes": quote(SECRET),
    "in lower-case escapes": re.sub("%..", lambda found: found[0].lower(), quote(SECRET, safe="")),
    "in a form": quote_plus(SECRET),
    "in a query": urlencode({"x": SECRET}),
    "in JSON": json.dumps(SECRET),
    "in JSON with letters": json.dumps(SECRET, ensure_ascii=False),
    "in JSON with escaped slashes": json.dumps(SECRET).replace("/", "\\/"),
    "in HTML": html.escape(SECRET),
    "in HTML text": html.escape(SECRET, quote=False),
    "in a shell": shlex.quote(SECRET),
    "in a traceback": repr(SECRET),
    "in a header": f"Bearer {SECRET}",
}


def unredacted(text: str) -> str:
    """The parts of a text that could still tell the word."""
    return text.replace(MARK, "")


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
@pytest.mark.parametrize("known", [SECRET, f"Bearer {SECRET}"], ids=["the word", "the header"])
def test_a_secret_is_found_in_every_form(form: str, known: str) -> None:
    redactor = Redactor([known])
    for found in (redactor.text(f"a{form}b"), redactor.data(f"a{form}b".encode()).decode()):
        assert MARK in found
        assert not any(part in unredacted(found) for part in ("cret", "word"))
        assert found[0] + found[-1] == "ab"


def test_a_secret_is_found_in_the_bytes_of_a_header() -> None:
    assert Redactor(["caf\u00e9-token"]).data(b"x caf\xe9-token y") == b"x [redacted] y"


@given(st.binary(max_size=5), st.binary(max_size=5))
def test_a_secret_is_found_in_base64_whatever_stands_around_it(before: bytes, after: bytes) -> None:
    redactor = Redactor(["meowmeowmeow"])
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + b"meowmeowmeow" + after).decode()
        assert MARK in redactor.text(text)
        # Of the word, what is left at the edges are not three letters.
        assert len(unredacted(redactor.text(text))) <= len(encode(before + after)) + 8


def exchange() -> Exchange:
    asked = Asked(
        "POST",
        "/x?api_key=key-of-mine&b=meowmeowmeow&access_token=another",
        (
            ("AUTHORIZATION", "Basic c29tZXRoaW5n"),
            ("Cookie", "session=1"),
            ("x-api-key", "k"),
            ("X-Other", "a meowmeowmeow b"),
            ("Accept", "*/*"),
        ),
        b'{"token": "meowmeowmeow", "bytes": "\xff"}',
    )
    answered = Answered(200, (("Set-Cookie", "session=1"), ("Server", "x")), b'"meowmeowmeow"')
    return Exchange(asked, answered, "test[meowmeowmeow]", 1.0, 0.5, "meowmeowmeow", {"a": "meowmeowmeow"})


def test_an_exchange_is_told_without_its_secrets() -> None:
    told = json.dumps(Redactor.of(Deployment(oncall_token="meowmeowmeow")).as_json(exchange()))
    for word in ("meowmeowmeow", "c29tZXRoaW5n", "session=1", "key-of-mine", "another", '"k"'):
        assert word not in told
    for word in (
        "/x?api_key=[redacted]&b=[redacted]&access_token=[redacted]",
        '["Accept", "*/*"]',
        '["Server", "x"]',
    ):
        assert word in told


def test_an_exchange_without_secrets_is_told_as_it_was() -> None:
    plain = Exchange(Asked("GET", "/x?a=b", (("A", "b"),), b"{}"), None, "label", note="refused: x")
    assert Redactor.of(Deployment()).exchange(plain) == plain


def test_everything_in_a_report_is_looked_at() -> None:
    redactor = Redactor(["meowmeowmeow"])
    value = {"meowmeowmeow": ["meowmeowmeow", 5, None, {"a": ("meowmeowmeow",)}]}
    assert redactor.value(value) == {MARK: [MARK, 5, None, {"a": [MARK]}]}


def test_a_longer_secret_that_holds_a_shorter_one_goes_whole() -> None:
    assert Redactor(["token", "token-of-mine"]).text("token-of-mine token") == f"{MARK} {MARK}"


def test_what_is_too_short_to_be_a_secret_stays_in_texts() -> None:
    assert Redactor(["a", "", "abc"]).text("an abc") == "an abc"


def test_every_credential_of_a_deployment_is_known() -> None:
    text = " ".join(vars(Deployment()).values())
    told = Redactor.of(Deployment()).text(text)
    for word in (
        "meowmeowmeow",
        "editor-token",
        "glsa_",
        "inc-test-key",
        "inc-no-scope-key",
        "inc-other-org-key",
    ):
        assert word in text
        assert word not in told
    assert Deployment().incident_id in told
