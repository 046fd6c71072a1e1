"""Whatever comes, in bytes that nobody chose: the answer is the vendor's, and a refusal leaves nothing behind."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import unquote

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mockserver.server.app import MockServer
from tests.inprocess import InProcess, RawHeaders
from tests.invariants import (
    DOCUMENT,
    IMPORT,
    JSON,
    KEY,
    LIST,
    ONE,
    POSTMORTEM,
    TOKEN,
    assert_is_incident_ios,
    assert_is_oncalls,
    json_of,
    stored,
)

T = TypeVar("T")
NAMES = [b"accept", b"content-type", b"content-length", b"host", b"x-anything"]
VALUES = [
    b"application/json",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=B",
    b"*/*",
]
WHOLE = [POSTMORTEM, DOCUMENT, b"text=x&alert_group_id=I68T24C13IFW1", b"--B\r\n\r\n\r\n--B--"]
FIELDS = ["text", "alert_group_id", "title", "content"]
SAFE = {"GET", "HEAD", "OPTIONS"}

escaped = st.binary(max_size=12).map(lambda raw: "".join(f"%{octet:02X}" for octet in raw))
words = escaped | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)
queries = words.map("?alert_group_id={}".format) | words.map("?{}".format)
# characters() has lone surrogates, too
texts = st.text(st.characters(), max_size=12) | st.just("I68T24C13IFW1")
scalars = texts | st.none() | st.booleans() | st.integers() | st.floats()
payloads = st.dictionaries(
    st.sampled_from(FIELDS) | texts,
    scalars | st.lists(scalars, max_size=2) | texts.map(lambda key: {key: key}),
)
disturbed = st.builds(
    lambda body, at, more: body[:at] + more + body[at:],
    st.sampled_from(WHOLE),
    st.integers(0, 50),
    st.binary(max_size=4),
)
bodies = st.sampled_from(WHOLE) | disturbed | payloads.map(json_of) | st.binary(max_size=200)
unchosen = settings(
    derandomize=True,
    max_examples=150,
    deadline=None,
    # every example starts a fresh sandbox itself
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def mostly(usual: list[T], strange: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    return st.integers(1, 8).flatmap(lambda die: strange if die == 8 else st.sampled_from(usual))


def below(*folders: str) -> st.SearchStrategy[str]:
    return st.builds("{}{}".format, st.sampled_from(folders), words)


odd_header = st.tuples(
    st.sampled_from(NAMES) | st.binary(min_size=1, max_size=9), st.sampled_from(VALUES) | st.binary()
)
extra: st.SearchStrategy[RawHeaders] = mostly([[]], st.lists(odd_header, max_size=3))


def who(credential: tuple[bytes, bytes]) -> st.SearchStrategy[RawHeaders]:
    return mostly([[credential, JSON]], st.sampled_from([[credential], [JSON], []]))


@unchosen
@given(
    method=mostly(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], st.text(max_size=8)),
    path=mostly([LIST, ONE], below(LIST, "/api/")),
    query=mostly([""], queries),
    credential=who(TOKEN),
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
    method=mostly(["POST"], st.text(max_size=8)),
    path=mostly([IMPORT], below("/", "/v2/incidents/")),
    query=mostly([""], queries),
    credential=who(KEY),
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
