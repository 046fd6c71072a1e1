"""No artefact of a run holds a credential, whatever the target does with it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.drills.suite import clean_up, judge
from tests.faults.targets import Target, misbehaving
from tests.independent import grafana_oncall

SECRET = "a+very/special=word"
DESCRIPTION = {**grafana_oncall.DESCRIPTION, "CONTRACT_ONCALL_TOKEN": SECRET}
GIVEN = grafana_oncall.DESCRIPTION["CONTRACT_ONCALL_TOKEN"]


def telltale(app: ASGIApp) -> ASGIApp:
    """A target that knows the token by another word, and tells it in a header and in every refusal."""

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        authorization = dict(scope["headers"]).get(b"authorization", b"")
        known = [
            (name, GIVEN.encode() if name == b"authorization" and value == SECRET.encode() else value)
            for name, value in scope["headers"]
        ]

        async def tell(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])  # type: ignore[call-overload]
                headers.append((b"x-you-said", authorization))
                headers.append((b"set-cookie", b"session=" + base64.b64encode(authorization)))
                headers = [(n, v) for n, v in headers if n.lower() != b"content-length"]
                headers.append((b"transfer-encoding", b"chunked"))
                message = {**message, "headers": headers}
            elif message["type"] == "http.response.body" and message.get("body"):
                body = message["body"]
                assert isinstance(body, bytes)
                message = {
                    **message,
                    "body": body.replace(b'"detail"', b'"you_said": "%s", "detail"' % authorization),
                }
            await send(message)

        await app({**scope, "headers": known}, receive, tell)  # type: ignore[arg-type]

    return told


@pytest.fixture
def target() -> Iterator[Target]:
    with misbehaving(telltale(grafana_oncall.new_app())) as target:
        yield target


def forms(secret: str) -> dict[str, bytes]:
    plain = secret.encode()
    return {
        "as it is": plain,
        "in a URL": quote(secret, safe="").encode(),
        "in base64": base64.b64encode(plain).rstrip(b"=")[:-1],
        "in JSON": secret.replace("/", "\\/").encode(),
    }


def test_no_artefact_of_a_run_holds_the_credential(target: Target, tmp_path: Path) -> None:
    ended = judge(
        target.base_url,
        *("--write", "--scope", "/api/v1/postmortems", "--fail-on", "documented,observed,assumed"),
        *(
            "--kind",
            "laws",
            "--kind",
            "model",
            "-k",
            "test_tokens or test_create_and_get or test_messages or machine",
        ),
        *("--report-html", "page.html", "--report-junit", "junit.xml", "--bundles", "bundles"),
        folder=tmp_path,
        description=DESCRIPTION,
    )
    assert ended.code == 1, ended.printed
    assert ended.outcomes["broken"] > 3
    (tmp_path / "printed.txt").write_text(ended.printed)
    (tmp_path / "cleanup.txt").write_text(clean_up(ended, DESCRIPTION)[1])
    artefacts = [path for path in tmp_path.rglob("*") if path.is_file()]
    kinds = {path.suffix for path in artefacts}
    assert {".html", ".xml", ".json", ".jsonl", ".sh", ".py", ".txt"} <= kinds
    holders = [
        f"{path.relative_to(tmp_path)}: {form}"
        for path in artefacts
        for form, value in forms(SECRET).items()
        if value in path.read_bytes()
    ]
    assert holders == []
