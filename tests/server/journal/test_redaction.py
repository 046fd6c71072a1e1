"""No credential leaves a journal, whichever way it is looked at."""

from __future__ import annotations

import base64
import json
import logging
from urllib.parse import quote

import httpx
import pytest

from mockserver.server import serve
from mockserver.server.access import AccessLog
from mockserver.server.app import MockServer
from tests.inprocess import InProcess
from tests.server.journal.conftest import IMPORT, ONCALL, POSTMORTEMS

OUTPUTS = (
    "/journal",
    "/journal/unmatched",
    "/journal/breaches",
    "/journal/har",
    "/journal/r{number}",
    "/coverage",
)
STRANGE = 'sk-live/+"ünï"-0123456789'


def everything_shown(client: httpx.Client, server: MockServer) -> str:
    numbers = [entry.number for entry in server.sandboxes.default.journal]
    return "\n".join(
        client.get(f"/_mock{output.format(number=number)}").text
        for output in OUTPUTS
        for number in (numbers if "{" in output else [0])
    )


@pytest.mark.parametrize(
    ("header", "value", "secret"),
    [
        ("Authorization", "meowmeowmeow", "meowmeowmeow"),
        ("Authorization", "Bearer inc-test-key", "inc-test-key"),
        ("Authorization", "Bearer of-nobody-at-all", "of-nobody-at-all"),
        ("Authorization", f"Token {STRANGE}", STRANGE),
        ("authorization", "Basic " + base64.b64encode(b"me:pass-word-1").decode(), "pass-word-1"),
        ("Proxy-Authorization", "Bearer of-a-proxy-1", "of-a-proxy-1"),
        ("Cookie", "session=c00kie-value", "session=c00kie-value"),
        ("X-Mock-Token", "token-of-control", "token-of-control"),
        ("Accept", "*/*", "editor-token"),
        ("Accept", "*/*", "glsa_service-account"),
        ("Accept", "*/*", "inc-view-key"),
        ("Accept", "*/*", "whsec_b3RoZXIgc2VjcmV0"),
    ],
)
def test_a_credential_is_shown_nowhere_however_it_is_repeated(
    client: httpx.Client, transport: InProcess, server: MockServer, header: str, value: str, secret: str
) -> None:
    raw = [(header.encode(), value.encode("latin-1")), (b"Content-Type", b"application/json")]
    spelled = quote(secret, safe="", encoding="latin-1")
    needless = "".join(f"%{letter:02x}" for letter in secret.encode("latin-1"))
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in secret)
    for path in (
        POSTMORTEMS,
        f"{POSTMORTEMS}{spelled}/",
        f"/nowhere/{spelled}",
        f"/nowhere/{needless}",
        IMPORT,
    ):
        transport.exchange("GET", f"{path}?{spelled}={spelled}&{needless}=1", raw)
        for body in (json.dumps({secret: [secret]}), f'{{"text": "{escaped}"}}', f"text={needless}", secret):
            transport.exchange("POST", path, raw, body.encode())
            transport.exchange("POST", path, raw, body.encode("latin-1", "replace") + b"\xff")
    # Another one, in whose headers it is not.
    transport.exchange("GET", f"{POSTMORTEMS}?page={spelled}", [(b"Authorization", b"meowmeowmeow")])
    shown = everything_shown(client, server)
    assert len(shown) > 10_000
    forms = {secret, spelled, needless, escaped, json.dumps(secret)[1:-1], json.dumps(escaped)[1:-1]}
    assert [form for form in forms if form.lower() in shown.lower()] == []


def test_a_scheme_is_shown_and_nothing_else_of_the_header(client: httpx.Client) -> None:
    client.get(POSTMORTEMS, headers={"Authorization": "Bearer abc", "Cookie": "a=b; c=d"})
    headers = client.get("/_mock/journal").json()["entries"][-1]["request"]["headers"]
    assert ["authorization", "Bearer <credential>"] in headers
    assert ["cookie", "<credential>"] in headers


@pytest.mark.parametrize("kept", range(4, 12))
def test_a_credential_cut_in_two_is_not_shown_either(client: httpx.Client, kept: int) -> None:
    body = b"x" * (64 * 1024 - kept) + b"meowmeowmeow"
    client.post(POSTMORTEMS, headers=ONCALL, content=body)
    (entry,) = client.get("/_mock/journal").json()["entries"]
    assert entry["cut"] is True
    assert entry["request"]["body"].endswith("x<credential>")


def test_what_follows_a_credential_that_was_cut_is_hidden_with_it(client: httpx.Client) -> None:
    token = "abcdefgh" * 1_500
    client.post(POSTMORTEMS, headers={"Authorization": token}, content=f"before {token} after")
    (entry,) = client.get("/_mock/journal").json()["entries"]
    assert entry["request"]["body"] == "before <credential> after"


def test_nobody_finds_out_about_a_credential_by_asking_for_parts_of_it(client: httpx.Client) -> None:
    client.get(f"{POSTMORTEMS}?page=meowmeowmeow", headers=ONCALL)
    for part in ("meow", "meowmeowmeow"):
        assert client.get("/_mock/journal/count", params={"contains": part}).json() == {"count": 0}
        assert client.get("/_mock/journal/count", params={"path": f"*{part}*"}).json() == {"count": 0}


def test_the_secret_of_a_registered_webhook_is_one(client: httpx.Client) -> None:
    target = {"url": "http://127.0.0.1:9/", "secret": "YW5vdGhlciBzZWNyZXQ="}
    client.post("/_mock/webhooks/targets", json=target)
    client.get(f"{POSTMORTEMS}?page={target['secret']}", headers=ONCALL)
    assert target["secret"] not in client.get("/_mock/journal").text


def test_a_body_that_is_no_text_is_shown_as_base64_without_credentials(client: httpx.Client) -> None:
    client.post(POSTMORTEMS, headers=ONCALL, content=b"\xff meowmeowmeow \x00")
    (entry,) = client.get("/_mock/journal").json()["entries"]
    assert entry["request"]["body_is"] == "base64"
    assert base64.b64decode(entry["request"]["body"]) == b"\xff <credential> \x00"


def test_a_line_of_the_log_holds_no_credential_and_is_one_line(
    server: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    app = serve.configuration(server, log_level="info").app
    assert isinstance(app, AccessLog)
    with InProcess(app) as transport:
        own = [(b"Authorization", b"Bearer only-in-this-request")]
        transport.exchange("GET", "/a/only-in-this-request?b=inc-test-key&c=%6deowmeowmeow", own)
        transport.exchange("GET", "/a%0aforged?b=\x1b[31m", own)
    logged = [record.getMessage() for record in caplog.records if record.name == "mockserver.access"]
    assert logged == [
        '127.0.0.1 "GET /a/<credential>?b=<credential>&c=<credential>" 404',
        '127.0.0.1 "GET /a%0Aforged?b=\\x1b[31m" 404',
    ]
