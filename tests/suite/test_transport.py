"""The suite's own client: labels, tags, and what the guard answers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from contract_tests.guard.header import GUARD, LABEL
from contract_tests.transport import SCAR, Labelled

TAG = "(contract test 1a2b: may be deleted)"
Answer = Callable[[httpx.Request], httpx.Response]


def client(answer: Answer, *, strict: bool = False, tag: str = TAG) -> httpx.Client:
    transport = Labelled(httpx.MockTransport(answer), strict=strict, tag=tag)
    return httpx.Client(base_url="http://127.0.0.1", transport=transport)


def echo(request: httpx.Request) -> httpx.Response:
    return httpx.Response(201, json=json.loads(request.content))


def test_a_request_says_which_test_sent_it() -> None:
    seen: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers[LABEL])
        return httpx.Response(200)

    client(note).get("/")
    assert unquote(seen[0]).endswith("test_transport.py::test_a_request_says_which_test_sent_it")


def test_what_is_created_says_so_and_the_law_does_not_notice() -> None:
    sent: list[Any] = []

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return echo(request)

    body = {"alert_group_id": "I1", "text": "Root cause"}
    assert client(keep).post("/", json=body).json() == body
    assert sent == [body | {"text": f"Root cause {TAG}"}]


def test_an_incident_s_name_is_tagged_where_it_stands() -> None:
    body = {"incident": {"name": "Disk", "severity": {"name": "Minor"}}, "notify_incident_channel": False}
    seen: list[bytes] = []

    def keep(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        return echo(request)

    assert client(keep).post("/", json=body).json() == body
    assert seen[0].count(TAG.encode()) == 1


@pytest.mark.parametrize("text", ["", " a", "a\n", "x" * 201, 5, None, ["a"]])
def test_a_probe_goes_out_as_it_is(text: Any) -> None:
    sent: list[bytes] = []

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return echo(request)

    client(keep).post("/", json={"text": text})
    assert TAG.encode() not in sent[0]


@pytest.mark.parametrize(
    "body", [b'{"text": "a"}', b'{"text":"a","text":"b"}', b'{"text":"a"', b'["a"]', b"\xff"]
)
def test_bytes_that_somebody_chose_go_out_as_they_are(body: bytes) -> None:
    sent: list[bytes] = []

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(400)

    client(keep).post("/", content=body, headers={"Content-Type": "application/json"})
    assert sent == [body]


def test_the_tag_is_taken_off_wherever_it_comes_back() -> None:
    listed = {"results": [{"text": f"a {TAG}"}, {"text": "b"}], "content": {"markdown": f"# a {TAG}\n"}}
    shown = client(lambda request: httpx.Response(200, json=listed)).get("/").json()
    assert shown == {"results": [{"text": "a"}, {"text": "b"}], "content": {"markdown": "# a\n"}}


def test_a_text_whose_end_was_cut_off_has_a_scar() -> None:
    def cut(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, json={"text": json.loads(request.content)["text"][:10]})

    assert client(cut).post("/", json={"text": "0123456789"}).json() == {"text": f"0123456789{SCAR}"}


def test_without_a_tag_no_byte_is_touched() -> None:
    sent: list[bytes] = []

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(200, content=b'{ "text" : "a" }')

    assert client(keep, tag="").post("/", json={"text": "a"}).content == b'{ "text" : "a" }'
    assert sent == [b'{"text":"a"}']


@pytest.mark.parametrize(
    ("said", "skipped"),
    [
        ("refused; it is not this run's", "not judged: it is not this run's"),
        ("outside-scope; /v1 is not asked for", "not judged: /v1 is not asked for"),
        ("throttled; 429 for 2 minutes", "inconclusive: 429 for 2 minutes"),
        ("unreachable; connection refused", "inconclusive: connection refused"),
        ("timeout; no answer in 30 s", "inconclusive: no answer in 30 s"),
        ("budget; 10 requests were sent", "inconclusive: 10 requests were sent"),
    ],
)
def test_what_the_guard_kept_is_not_judged(said: str, skipped: str) -> None:
    with pytest.raises(pytest.skip.Exception) as caught:
        client(lambda request: httpx.Response(404, headers={GUARD: said})).get("/")
    assert caught.value.msg == skipped


def test_on_a_mock_of_our_own_a_kept_request_is_a_failure() -> None:
    with pytest.raises(pytest.fail.Exception, match="no answer in 30 s"):
        client(lambda _: httpx.Response(404, headers={GUARD: "timeout; no answer in 30 s"}), strict=True).get(
            "/"
        )


def test_a_frank_client_hears_what_the_guard_says() -> None:
    transport = Labelled(
        httpx.MockTransport(lambda _: httpx.Response(404, headers={GUARD: "refused; no"})),
        strict=False,
        frank=True,
    )
    assert httpx.Client(transport=transport).get("http://127.0.0.1/").headers[GUARD] == "refused; no"


def test_a_compressed_answer_has_the_length_of_what_the_law_reads() -> None:
    def packed(request: httpx.Request) -> httpx.Response:
        body = gzip.compress(request.content)
        headers = {"Content-Encoding": "gzip", "Content-Length": str(len(body))}
        return httpx.Response(201, headers=headers, content=body)

    answer = client(packed).post("/", json={"text": "Root cause"})
    assert answer.json() == {"text": "Root cause"}
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert "Content-Encoding" not in answer.headers
