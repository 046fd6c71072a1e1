from __future__ import annotations

import gzip
import zlib

import pytest

from contract_tests.exchange import Answered

SAID = b'{"id": "P1"}'
PACKED = gzip.compress(SAID, mtime=0)  # the same in every process


@pytest.mark.parametrize(
    ("coding", "body"),
    [("gzip", PACKED), ("GZIP ", PACKED), ("deflate", zlib.compress(SAID))],
)
def test_a_compressed_body_is_unpacked(coding: str, body: bytes) -> None:
    headers = (("content-encoding", coding),)
    assert Answered(200, headers, body).unpacked() == Answered(200, headers, SAID)


@pytest.mark.parametrize(
    ("coding", "body"), [("br", b"x"), ("gzip", b"no gzip"), ("gzip, br", PACKED), ("", SAID)]
)
def test_what_cannot_be_unpacked_stays_as_it_is(coding: str, body: bytes) -> None:
    answered = Answered(200, (("Content-Encoding", coding),), body)
    assert answered.unpacked() == answered
