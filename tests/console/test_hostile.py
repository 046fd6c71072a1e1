"""Whatever a client sends is text on every page that shows it."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

import httpx
import pytest

from mockserver.core.exchange import Headers, Request
from mockserver.core.webhook import WebhookTarget
from mockserver.server.app import MockServer
from mockserver.server.console.visible import visible
from tests.console.conftest import ONCALL, Look
from tests.inprocess import InProcess

HOSTILE = [
    "<script>window.ran = 1</script>",
    "</script><script>window.ran = 1</script>",
    "</pre></title></textarea></style><img src=x onerror='window.ran = 1'>",
    '" autofocus onfocus="window.ran = 1" x="',
    "' onmouseover='window.ran = 1' x='",
    "`onclick=alert(1)`",
    "<svg/onload=window.ran=1>",
    "{{ 7 * 7 }}{% raw %}${7*7}<%= 7 %>",
    "javascript:window.ran=1",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "]]> --> <!-- <![CDATA[",
    "line one\nline two\ttabbed",
    "\u202egnp.exe\u2066 isolated\u2069 \u200f \u200b \ufeff",
    "bell \x07 escape \x1b[31m nul-like \x01 delete \x7f next line \x85",
    "\u2028 \u2029 emoji 👩‍💻 ❤️ Ω≈ç√ 日本語 عربى",
    "x" * 65_000,
    "<b>" * 20_000,
]
NAMES = [text[:24].encode("unicode_escape").decode() for text in HOSTILE]


@pytest.fixture(params=HOSTILE, ids=NAMES)
def hostile(request: pytest.FixtureRequest) -> str:
    text = request.param
    assert isinstance(text, str)
    return text


def newest(server: MockServer) -> str:
    return [entry.id for entry in server.sandboxes.default.journal][-1]


def test_a_body_is_shown_as_the_text_that_it_is(
    hostile: str, client: httpx.Client, look: Look, server: MockServer
) -> None:
    created = client.post(
        "/api/v1/postmortems/", headers=ONCALL, json={"alert_group_id": "IQUIET1PAGE11", "text": hostile}
    )
    assert created.status_code == 201
    page = look(f"/_mock/console/requests/{newest(server)}")
    spelled = json.dumps(hostile, ensure_ascii=False)[1:-1]
    if len(hostile) < 60_000:
        assert visible(spelled) in page.text
    look(f"/_mock/console/requests/{newest(server)}?part=panel")
    look("/_mock/")


def test_a_record_is_shown_as_the_text_that_it_is(hostile: str, client: httpx.Client, look: Look) -> None:
    created = client.post(
        "/api/v1/postmortems/", headers=ONCALL, json={"alert_group_id": "IQUIET1PAGE11", "text": hostile}
    ).json()
    page = look(f"/_mock/console/state/grafana-oncall/postmortems/{created['id']}")
    assert visible(created["text"]) in page.text
    look("/_mock/console/state/grafana-oncall/postmortems")
    look(f"/_mock/console/state/grafana-oncall/postmortems?text={quote(hostile[:200])}")


def test_a_path_a_query_and_a_header_are_shown_as_the_text_that_they_are(
    hostile: str, transport: InProcess, look: Look, server: MockServer
) -> None:
    raw = hostile.encode()[:8_000].replace(b"\n", b" ")
    transport.exchange(
        "GET", b"/" + raw.replace(b"?", b"") + b"?q=" + raw, [(b"x-hostile", raw), (b"host", b"x")]
    )
    shown = raw.decode("latin-1")
    page = look(f"/_mock/console/requests/{newest(server)}")
    assert page.text.count(visible(shown)) >= 2
    look("/_mock/")


def test_a_method_is_shown_as_the_text_that_it_is(look: Look, server: MockServer) -> None:
    """None that a server of ours would take from a socket; other ways in may."""
    server.engine.answer("default", Request("<B ONCLICK=X>", "/x", headers=Headers([])))
    assert "<B ONCLICK=X>" in look(f"/_mock/console/requests/{newest(server)}").text
    look("/_mock/?method=<B ONCLICK=X>")


def test_what_was_looked_for_is_said_again_as_text(hostile: str, look: Look) -> None:
    asked = quote(hostile[:300].encode())
    for path in ("/_mock/console/rules", "/_mock/console/state/incident-io/incidents"):
        look(f"{path}?text={asked}")
    look(f"/_mock/?contains={asked}")
    look(
        f"/_mock/?method={asked}&status={asked}&provider={asked}&operation={asked}&sign={asked}&before={asked}"
    )
    look(f"/_mock/console/sandboxes?done={asked}")


def test_what_is_not_there_is_named_as_text(hostile: str, reader: httpx.Client) -> None:
    name = quote(hostile[:100].encode(), safe="")
    for path in (
        f"requests/{name}",
        f"state/{name}/x",
        f"state/incident-io/{name}",
        f"state/incident-io/users/{name}",
    ):
        answer = reader.get(f"/_mock/console/{path}")
        assert answer.status_code == 404
        assert "<script>window" not in answer.text


def test_the_name_of_a_sandbox_that_cannot_be_is_told_as_text(hostile: str, reader: httpx.Client) -> None:
    answer = reader.post("/_mock/console/sandboxes", data={"do": "make", "name": hostile[:2_000]})
    assert answer.status_code == 400
    assert html.escape(visible(hostile[:10]), quote=True).replace("&quot;", "&#34;").replace(
        "&#x27;", "&#39;"
    ) in (answer.text)


def test_a_webhooks_address_and_body_are_text(
    hostile: str, look: Look, reader: httpx.Client, server: MockServer
) -> None:
    answer = reader.post("/_mock/console/webhooks", data={"do": "add", "url": hostile[:2_000]})
    assert answer.status_code == 400
    assert "<script>window" not in answer.text
    box = server.sandboxes.default.outbox
    box.targets["t"] = WebhookTarget("t", f"http://127.0.0.1:9/{hostile[:1_000]}", events=(hostile[:1_000],))
    assert visible(hostile[:1_000]) in look("/_mock/console/webhooks").text


def test_bytes_that_are_no_text_are_shown_in_base64(
    transport: InProcess, look: Look, server: MockServer
) -> None:
    transport.exchange("POST", "/nowhere", [(b"host", b"x")], b"\xff\xfe\x00binary")
    assert "//4AYmluYXJ5" in look(f"/_mock/console/requests/{newest(server)}").text


@pytest.mark.parametrize(
    "body",
    [b"[" * 60_000, b'{"a":' * 10_000, b'{"a": 1, "a": 1.50}', b'{"a": "\\ud800"}', b'["\xf0\x9f\x98\x80"]'],
)
def test_json_of_any_shape_is_shown_as_it_was_sent(
    body: bytes, transport: InProcess, look: Look, server: MockServer
) -> None:
    transport.exchange("POST", "/nowhere", [(b"host", b"x")], body)
    page = look(f"/_mock/console/requests/{newest(server)}")
    assert body.decode().replace(" ", "")[:30] in page.text.replace("\n", "").replace(" ", "")
