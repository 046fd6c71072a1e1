from __future__ import annotations

import gzip
import zlib

import pytest

from contract_tests.exchange import Answered

SAID = b'{"id": "P1"}'


@pytest.mark.parametrize(
    ("coding", "body"),
    [("gzip", gzip.compress(SAID)), ("GZIP ", gzip.compress(SAID)), ("deflate", zlib.compress(SAID))],
)
def test_a_compressed_body_is_unpacked(coding: str, body: bytes) -> None:
    headers = (("content-encoding", coding),)
    assert Answered(200, headers, body).unpacked() == Answered(200, headers, SAID)


@pytest.mark.parametrize(
    ("coding", "body"), [("br", b"x"), ("gzip", b"no gzip"), ("gzip, br", gzip.compress(SAID)), ("", SAID)]
)
def test_what_cannot_be_unpacked_stays_as_it_is(coding: str, body: bytes) -> None:
    answered = Answered(200, (("Content-Encoding", coding),), body)
    assert answered.unpacked() == answered
