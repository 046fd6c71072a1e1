"""Requests that nobody has thought of, in packets that nobody has cut like this, are answered alike."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.protocol.lines import Twins

# The same servers for all examples, and more of them than elsewhere: each takes a millisecond or two.
MANY = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "FOO", "M-SEARCH"]
PATHS = [
    "/",
    "/api/v1/postmortems/",
    "/api/v1/postmortems/P658FE5K87EWZ",
    "/api/v1/resolution_notes/M4BTQUS3PRHYQ/",
    "/v1/postmortem_documents",
    "/v2/incidents",
    "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document",
    "/_mock/health",
    "/_mock",
    "/_mock/sandboxes",
    "/_mock/sandboxes/one",
    "/_mock/sandboxes/one/reset",
]
PREFIXES = [
    "",
    "",
    "",
    "",
    "/_mock/sandboxes/one",
    "/_mock/sandboxes/o%6ee",
    "/_mock/sandboxes/a b",
    "http://host",
    "/",
]
VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
tails = st.one_of(
    st.just(""),
    st.just("?page_size=2"),
    st.text(VISIBLE, max_size=8),
    st.builds("?{}={}".format, st.text(VISIBLE, max_size=8), st.text(VISIBLE, max_size=8)),
    st.sampled_from(["/../", "//", "#x", "?#", "?a?b", "%2e", "%5Fmock", "?%zz", "\xe4", "\x7f"]),
)
targets = st.builds("{}{}{}".format, st.sampled_from(PREFIXES), st.sampled_from(PATHS), tails)
cases = st.sampled_from([str.lower, str.upper, str.title])
values = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=12
)
headers = st.one_of(
    st.tuples(
        st.sampled_from(["authorization"]), st.sampled_from(["meowmeowmeow", "Bearer inc-test-key", "", " x"])
    ),
    st.tuples(st.just("content-type"), st.sampled_from(["application/json", "text/plain", "x/y; charset=z"])),
    st.tuples(st.just("x-mock-sandbox"), st.sampled_from(["one", "two", "", "no/name"])),
    st.tuples(st.just("connection"), st.sampled_from(["close", "keep-alive", "Upgrade", "x, close", ""])),
    st.tuples(st.just("upgrade"), st.sampled_from(["h2c", "websocket"])),
    st.tuples(st.just("expect"), st.sampled_from(["100-continue", "x"])),
    st.tuples(st.just("accept"), st.sampled_from(["*/*", "text/html", "application/json;q=0", "x"])),
    st.tuples(st.just("x-mock-explain"), st.sampled_from(["1", "0"])),
    st.tuples(st.just("prefer"), st.sampled_from(["code=503", "code=429", "code=x"])),
    st.tuples(st.just("sec-fetch-site"), st.sampled_from(["cross-site", "same-origin"])),
    st.tuples(st.sampled_from(["x-a", "cookie", "x-http-method-override", "range"]), values),
)
bodies = st.one_of(
    st.none(),
    st.binary(max_size=40),
    st.sampled_from([b'{"title": "x", "content": "y"}', b'{"alert_group_id": "I68T24C13IFW1", "text": "x"}']),
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    lines = [
        f"{draw(st.sampled_from(METHODS))} {draw(targets)} HTTP/{draw(st.sampled_from(['1.1', '1.1', '1.0']))}"
    ]
    lines.append(draw(st.sampled_from(["Host: mock", "host:mock"])))
    for name, value in draw(st.lists(headers, max_size=5)):
        lines.append(f"{draw(cases)(name)}:{draw(st.sampled_from([' ', '', '  ']))}{value}")
    body = draw(bodies)
    framing = draw(st.sampled_from(["length", "length", "chunks"]))
    if body is not None:
        lines.append(f"Content-Length: {len(body)}" if framing == "length" else "transfer-encoding: chunked")
        body = (
            body if framing == "length" else b"%x\r\n%b\r\n" % (len(body), body) * bool(body) + b"0\r\n\r\n"
        )
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def cut(raw: bytes, places: list[int]) -> list[bytes]:
    places = sorted(place % len(raw) for place in places)
    return [
        raw[start:end] for start, end in zip([0, *places], [*places, len(raw)], strict=True) if start < end
    ]


@MANY
@given(
    asked=st.lists(requests(), min_size=1, max_size=4),
    places=st.lists(st.integers(0, 1000), max_size=4),
    at_once=st.booleans(),
)
def test_whatever_is_asked_is_answered_alike(
    twins: Twins, asked: list[bytes], places: list[int], at_once: bool
) -> None:
    twins.alike(*cut(b"".join(asked), places), at_once=at_once)


@MANY
@given(
    asked=requests(),
    spoilt=st.lists(st.tuples(st.integers(0, 1000), st.binary(max_size=3)), min_size=1, max_size=3),
    places=st.lists(st.integers(0, 1000), max_size=2),
)
def test_whatever_is_no_request_any_more_is_refused_alike(
    twins: Twins, asked: bytes, spoilt: list[tuple[int, bytes]], places: list[int]
) -> None:
    for at, noise in spoilt:
        at %= len(asked)
        asked = asked[:at] + noise + asked[at + len(noise) :]
    twins.alike(*cut(asked, places))
