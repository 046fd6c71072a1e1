"""Credentials never show, however they are spelled."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.server.redaction import REDACTED, Redactor, secrets_of

tokens = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40).filter(
    lambda token: token.strip("\"'") == token
)


@given(tokens, st.text(max_size=10), st.text(max_size=10), st.sampled_from(["", "Bearer ", "Token  "]))
def test_a_token_is_taken_out_of_every_text_and_spelling(
    token: str, before: str, after: str, scheme: str
) -> None:
    redactor = Redactor([scheme + token])
    for spelled in (token, quote(token, safe=""), quote_plus(token), json.dumps(token)[1:-1], token.upper()):
        shown = redactor.text(f"{before}\n{spelled}\n{after}")
        assert REDACTED in shown
        assert spelled not in shown.replace(REDACTED, "")


@given(tokens)
def test_it_is_taken_out_of_documents_too_keys_and_all(token: str) -> None:
    shown = Redactor([token]).value({"a": [token, 1, None], token: {"b": f"x{token}"}})
    assert shown == {"a": [REDACTED, 1, None], REDACTED: {"b": f"x{REDACTED}"}}


def test_a_short_one_only_where_it_stands_alone() -> None:
    assert Redactor(["nope"]).text("token=nope, not nopes") == f"token={REDACTED}, not nopes"


@pytest.mark.parametrize("secret", ["", "  ", '""'])
def test_an_empty_one_leaves_everything_as_it_is(secret: str) -> None:
    assert Redactor([secret]).text("any text") == "any text"


def test_secrets_are_the_headers_that_carry_them() -> None:
    headers = {"authorization": "a", "Cookie": "b", "Accept": "c", "X-Mock-Token": "d"}
    assert sorted(secrets_of(headers)) == ["a", "b", "d"]
