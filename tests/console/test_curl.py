from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.exchange import Headers, Request
from mockserver.server.console.curl import as_curl, quoted
from mockserver.server.console.visible import is_plain

BASH = shutil.which("bash")
needs_bash = pytest.mark.skipif(BASH is None, reason="there is no bash to read the command")


def words(command: str) -> list[str]:
    """What curl would be called with."""
    assert BASH is not None
    told = subprocess.run(
        [BASH, "-c", f"curl() {{ printf '%s\\0' \"$@\"; cat; }}\n{command}"],
        input=b"",
        capture_output=True,
        check=True,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    return told.stdout.decode("utf-8", "surrogateescape").split("\0")


def command(method: str = "GET", path: str = "/x", **more: object) -> str:
    headers = Headers(more.pop("headers", []))  # type: ignore[arg-type]
    return as_curl(Request(method, path, headers=headers, **more), "http://127.0.0.1:4010")  # type: ignore[arg-type]


def test_a_plain_request_is_a_plain_command() -> None:
    assert command(query="page=2") == "curl 'http://127.0.0.1:4010/x?page=2'"


def test_the_credential_is_left_out_and_its_scheme_is_not() -> None:
    text = command(headers=[(b"Authorization", b"Bearer inc-test-key"), (b"X-Api-Version", b"2")])
    assert "inc-test-key" not in text
    assert "-H 'Authorization: Bearer <credential>'" in text
    assert "-H 'X-Api-Version: 2'" in text


def test_what_curl_says_by_itself_is_left_to_it() -> None:
    text = command(headers=[(b"Host", b"x"), (b"Content-Length", b"3"), (b"User-Agent", b"y")])
    assert text == "curl http://127.0.0.1:4010/x"


@pytest.mark.parametrize(
    ("method", "body", "flag"),
    [
        ("POST", b"{}", None),
        ("POST", b"", "-X POST"),
        ("PUT", b"{}", "-X PUT"),
        ("HEAD", b"", "-I"),
        ("GET", b"{}", "-X GET"),
    ],
)
def test_the_method_is_said_where_curl_would_choose_another(
    method: str, body: bytes, flag: str | None
) -> None:
    text = command(method, body=body)
    assert ("-X" in text or "-I" in text) == (flag is not None)
    assert flag is None or flag in text


@pytest.mark.parametrize(
    ("path", "flag"), [("/a[1-3]", "--globoff"), ("/a{b,c}", "--globoff"), ("/a/../b", "--path-as-is")]
)
def test_an_address_is_sent_as_it_was(path: str, flag: str) -> None:
    assert flag in command(path=path)


@needs_bash
def test_a_body_that_is_no_text_goes_through_base64() -> None:
    assert words(command("POST", body=b"\xff\0\n"))[-1].encode("utf-8", "surrogateescape") == b"\xff\0\n"[2:]
    text = command("POST", body=b"\xff\0\n")
    assert text.startswith("printf %s /wAK | base64 -d | curl ")


@needs_bash
@pytest.mark.parametrize(
    "text",
    [
        "it's",
        "$(reboot)",
        "`reboot`",
        "\\",
        "\x1b[31m'; reboot; '",
        "\u202e' $'\\x41",
        "!!",
        "a\nb",
        "-x",
        "",
    ],
)
def test_no_text_ends_the_word_that_it_stands_in(text: str) -> None:
    assert words(f"curl {quoted(text)}")[:1] == [text]


@needs_bash
@settings(max_examples=60)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_a_shell_reads_any_text_as_it_was(text: str) -> None:
    word = quoted(text)
    assert is_plain(word)
    assert words(f"curl {word}")[:1] == [text]
