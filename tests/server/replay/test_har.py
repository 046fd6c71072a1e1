"""HTTP Archives as browsers write them, and what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.core.errors import ConfigurationError
from mockserver.server.replay.har import read_har
from mockserver.server.replay.recording import Body, Exchange


def entry(**given: Any) -> dict[str, Any]:
    request = {
        "method": "POST",
        "url": "https://example.com/a%20b?c=d",
        "headers": [{"name": ":authority", "value": "example.com"}, {"name": "accept", "value": "*/*"}],
    }
    response = {"status": 200, "headers": [], "content": {"size": 2, "text": "ok"}}
    return {
        "request": {**request, **given.get("request", {})},
        "response": {**response, **given.get("response", {})},
    }


def read(folder: Path, *entries: Any) -> list[Exchange]:
    file = folder / "browser.har"
    file.write_text(json.dumps({"log": {"entries": entries}}))
    archive = read_har(file)
    assert not archive.unlimited
    return archive.exchanges


def test_a_browsers_archive_is_read(tmp_path: Path) -> None:
    (exchange,) = read(tmp_path, entry())
    request, response = exchange.request, exchange.response
    assert (exchange.name, exchange.caller) == ("har.POST /a%20b", None)
    assert (request.method, request.path, request.query) == ("POST", "/a%20b", "c=d")
    assert request.headers == {"accept": "*/*"}
    assert (request.body, response.body) == (Body(), Body(b"ok"))


@pytest.mark.parametrize(
    ("given", "sent", "answered"),
    [
        ({"request": {"postData": {"text": "<5 bytes>"}}}, Body(b"<5 bytes>"), Body(b"ok")),
        ({"request": {"postData": {"text": "/w==", "_encoding": "base64"}}}, Body(b"\xff"), Body(b"ok")),
        ({"request": {"postData": {"params": []}}}, Body(recorded=False), Body(b"ok")),
        ({"response": {"content": {"text": "/w==", "encoding": "base64"}}}, Body(), Body(b"\xff")),
        ({"response": {"content": {"size": 5}}}, Body(), Body(recorded=False)),
        ({"response": {"content": {"size": 0}}}, Body(), Body()),
        ({"response": {"status": 0}}, Body(recorded=False), Body(recorded=False)),
        ({"request": {"method": "HEAD"}}, Body(), Body()),
    ],
)
def test_bodies_are_read_as_they_were(tmp_path: Path, given: Any, sent: Body, answered: Body) -> None:
    (exchange,) = read(tmp_path, entry(**given))
    assert (exchange.request.body, exchange.response.body) == (sent, answered)


def test_repeated_headers_are_one(tmp_path: Path) -> None:
    headers = [{"name": "Vary", "value": "A"}, {"name": "vary", "value": "B"}]
    (exchange,) = read(tmp_path, entry(response={"headers": headers}))
    assert exchange.response.headers == {"Vary": "A, B"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is no HTTP Archive"),
        ('{"log": {"entries": 5}}', "is no HTTP Archive"),
        ('{"log": {"_mock": [], "entries": []}}', "holds no exchange"),
        ('{"log": {"entries": []}}', "holds no exchange"),
        ('{"log": {"entries": [5]}}', "entry 1: is none of an HTTP Archive"),
        ('{"log": {"entries": [{}]}}', "entry 1: is none of an HTTP Archive"),
        (
            json.dumps({"log": {"entries": [entry(), entry(request={"method": "A B"})]}}),
            "entry 2: request.method",
        ),
        (json.dumps({"log": {"entries": [entry(response={"content": {"text": 5}})]}}), "entry 1: is none"),
        (json.dumps({"log": {"entries": [entry(response={"status": "200"})]}}), "entry 1: is none"),
        (json.dumps({"log": {"entries": [entry(request={"url": "http://[/"})]}}), "entry 1: is none"),
        (json.dumps({"log": {"entries": [entry(request={"url": "http://a/ü"})]}}), "entry 1: request.path"),
    ],
)
def test_what_is_none_is_refused_in_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "a.har"
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        read_har(file)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_har(tmp_path / "a.har")
