"""Reading a recording: what stands in it, and every slip named by file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.core.errors import ConfigurationError
from mockserver.server.replay.recording import Body, read_recording


def entry(**changes: Any) -> dict[str, Any]:
    """An exchange; `request.body=…` changes what is inside."""
    whole: dict[str, Any] = {
        "name": "note.get",
        "as": "admin",
        "request": {"method": "GET", "path": "/notes/", "query": "", "headers": {}, "body": None},
        "response": {"status": 200, "headers": {}, "body": "{}"},
    }
    for place, value in changes.items():
        at, _, key = place.rpartition("__")
        (whole[at] if at else whole)[key] = value
    return whole


def read(folder: Path, *lines: object) -> Any:
    file = folder / "some.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return read_recording(file)


def test_exchanges_come_in_order_with_the_lines_that_they_stand_on(tmp_path: Path) -> None:
    found = read(tmp_path, entry(name="a.1"), "", entry(name="b", **{"as": None}, note="kept for people"))
    assert [(exchange.line, exchange.name, exchange.caller) for exchange in found] == [
        (1, "a.1", "admin"),
        (3, "b", None),
    ]


@pytest.mark.parametrize(
    "body, expected",
    [
        (None, Body(None)),
        ("", Body(b"")),
        ("äh", Body("äh".encode())),
        ({"base64": "//8="}, Body(b"\xff\xff")),
        ("<100047 bytes>", Body(None, recorded=False)),
        ("<b>12 bytes>", Body(b"<b>12 bytes>")),
        ("x\udc00", Body(b"x\xed\xb0\x80")),
    ],
)
def test_a_body_is_nothing_or_text_or_bytes_or_only_a_size(tmp_path: Path, body: Any, expected: Body) -> None:
    (found,) = read(tmp_path, entry(request__body=body, response__body=body))
    assert (found.request.body, found.response.body) == (expected, expected)


def test_what_may_be_left_out_may_be_left_out(tmp_path: Path) -> None:
    minimal = {
        "name": "x",
        "request": {"method": "GET", "path": "/"},
        "response": {"status": 204},
    }
    (found,) = read(tmp_path, minimal)
    assert (found.caller, found.request.query, found.request.headers) == (None, "", {})


@pytest.mark.parametrize(
    "line, sentence",
    [
        ("{", "is not JSON: Expecting property name enclosed in double quotes (column 2)"),
        ("[" * 5000, "is nested too deep"),
        ([], "must be an object"),
        (entry(name=None), "name must be text"),
        (entry(name=""), "name must not be empty"),
        (entry(**{"as": 5}), "as must be text or null"),
        (entry(request=[]), "request must be an object"),
        ({"name": "x", "request": {"method": "GET", "path": "/"}}, "response is missing"),
        ({"name": "x", "request": {"path": "/"}, "response": {}}, "request.method is missing"),
        (entry(request__method="GET /"), "request.method 'GET /' is no method"),
        (entry(request__path="notes"), "request.path must begin with a slash"),
        (entry(request__path="/ü"), "request.path must be percent-encoded"),
        (entry(request__query="a b"), "request.query must be percent-encoded"),
        (entry(request__query=5), "request.query must be text"),
        (entry(request__headers=[]), "request.headers must be an object"),
        (entry(request__headers={"a b": "x"}), "request.headers: 'a b' is no header"),
        (entry(request__headers={"A": "x\r\nB: y"}), "request.headers.A must be text of one line"),
        (entry(response__headers={"A": 5}), "response.headers.A must be text of one line"),
        (entry(response__status=True), "response.status must be a number from 100 to 599"),
        (entry(response__status=99), "response.status must be a number from 100 to 599"),
        (entry(request__body=[]), 'request.body must be null, text or {"base64": text}'),
        (entry(response__body={"base64": "*"}), "response.body.base64 is not base64"),
    ],
)
def test_a_slip_is_one_sentence_with_file_and_line(tmp_path: Path, line: object, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, entry(), line)
    assert str(caught.value) == f"{tmp_path / 'some.jsonl'}:2: {sentence}"


def test_a_file_that_cannot_be_read_or_holds_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.jsonl: cannot be read: No such file"):
        read_recording(tmp_path / "none.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b"\xe4")
    with pytest.raises(ConfigurationError, match=r"latin\.jsonl: is not UTF-8 \(byte 0\)"):
        read_recording(tmp_path / "latin.jsonl")
    with pytest.raises(ConfigurationError, match=r"some\.jsonl: holds no exchange"):
        read(tmp_path, "", " ")
