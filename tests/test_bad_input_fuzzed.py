"""Whatever comes, in bytes that nobody chose: the answer is the vendor's, and a refusal leaves nothing behind."""

from __future__ import annotations

from urllib.parse import unquote

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mockserver.server.app import MockServer
from tests.inprocess import InProcess, RawHeaders
from tests.invariants import (
    DOCUMENT,
    IMPORT,
    KEY,
    LIST,
    ONE,
    POSTMORTEM,
    TOKEN,
    assert_is_incident_ios,
    assert_is_oncalls,
    stored,
)

NAMES = [b"accept", b"content-type", b"content-length", b"host", b"x-anything"]
VALUES = [
    b"application/json",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=B",
    b"*/*",
]
BODIES = [
    POSTMORTEM,
    DOCUMENT,
    b"text=x&alert_group_id=I68T24C13IFW1",
    b"--B\r\n\r\n\r\n--B--",
    b'{"text": [1]}',
]
SAFE = {"GET", "HEAD", "OPTIONS"}

escaped = st.binary(max_size=12).map(lambda raw: "".join(f"%{octet:02X}" for octet in raw))
words = escaped | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)
queries = st.just("") | words.map("?alert_group_id={}".format) | words.map("?{}".format)
methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) | st.text(max_size=8)
extra = st.lists(
    st.tuples(
        st.sampled_from(NAMES) | st.binary(min_size=1, max_size=9), st.sampled_from(VALUES) | st.binary()
    ),
    max_size=4,
)
disturbed = st.builds(
    lambda body, at, bytes_: body[:at] + bytes_ + body[at:],
    st.sampled_from(BODIES),
    st.integers(0, 50),
    st.binary(max_size=4),
)
bodies = st.sampled_from(BODIES) | disturbed | st.binary(max_size=200)
unchosen = settings(
    derandomize=True,
    max_examples=150,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture
    ],  # every example starts a fresh sandbox itself
)


def paths(*known: str, below: str) -> st.SearchStrategy[str]:
    return st.sampled_from(known) | st.builds("{}{}".format, st.just(below), words)


@unchosen
@given(
    method=methods,
    path=paths(LIST, ONE, below=LIST) | paths(LIST, below="/api/"),
    query=queries,
    credential=st.sampled_from([[TOKEN], [TOKEN], []]),
    headers=extra,
    body=bodies,
)
def test_grafana_oncall_answers_as_itself_whatever_comes(
    server: MockServer,
    transport: InProcess,
    method: str,
    path: str,
    query: str,
    credential: RawHeaders,
    headers: RawHeaders,
    body: bytes,
) -> None:
    server.sandboxes.reset()
    before = stored(server)
    received = transport.exchange(method, path + query, [*credential, *headers], body)
    assert_is_oncalls(received, method)
    assert stored(server) == before or (received.status < 300 and method not in SAFE)


@unchosen
@given(
    method=st.just("POST") | methods,
    path=paths(IMPORT, below="/") | paths(IMPORT, below="/v2/incidents/"),
    query=queries,
    credential=st.sampled_from([[KEY], [KEY], []]),
    headers=extra,
    body=bodies,
)
def test_incident_io_answers_as_itself_whatever_comes(
    server: MockServer,
    transport: InProcess,
    method: str,
    path: str,
    query: str,
    credential: RawHeaders,
    headers: RawHeaders,
    body: bytes,
) -> None:
    assume(not unquote(path).startswith(("/api/", "/_mock")))
    server.sandboxes.reset()
    before = stored(server)
    received = transport.exchange(method, path + query, [*credential, *headers], body)
    assert_is_incident_ios(received)
    assert stored(server) == before or (received.status == 201 and method == "POST")
