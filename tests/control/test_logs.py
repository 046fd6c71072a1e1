"""What a client sends starts no line of the log and moves nobody's cursor."""

from __future__ import annotations

import logging
import re
import subprocess
import sys

import pytest

from mockserver.server.logs import LineFormatter, visible
from tests.control.wire import send_raw

ESCAPES = "\x1b[2J\x1b]0;title\x07\x9b31m\b\r\x00\x7f"
TURNED = "\u202e\u2066\u200f\u2028\u2029"
LINE = re.compile(r"(INFO|WARNING|ERROR) [a-z_.]+: .*|    .*")


def formatted(message: str, *arguments: object, error: BaseException | None = None) -> str:
    told = None if error is None else (type(error), error, None)
    record = logging.LogRecord("mockserver.test", logging.ERROR, __file__, 1, message, arguments, told)
    return LineFormatter("%(levelname)s %(name)s: %(message)s").format(record)


@pytest.mark.parametrize(
    "text", ["\x1b", "\x07", "\x9b", "\b", "\r", "\n", "\x00", "\x7f", *TURNED, "\ud800"]
)
def test_what_a_terminal_would_act_on_is_shown_as_its_escape(text: str) -> None:
    shown = visible(f"a{text}b")
    assert shown.isprintable()
    assert shown.startswith("a\\")
    assert shown.endswith("b")


def test_words_in_any_language_stay_as_they_are() -> None:
    assert visible("Äpfel, 事故, 🔥, a\\nb") == "Äpfel, 事故, 🔥, a\\nb"


def test_nothing_in_a_message_passes_for_a_line_of_the_log() -> None:
    told = formatted("asked for %s", "x\nERROR mockserver.test: forged\r\nWARNING y: z")
    first, *rest = told.split("\n")
    assert first.startswith("ERROR mockserver.test: asked for x")
    assert all(line.startswith("    ") for line in rest)
    assert "\r" not in told


def test_nothing_in_a_traceback_does_either() -> None:
    told = formatted("it broke", error=ValueError(f"no {ESCAPES}{TURNED}\nINFO mockserver.test: forged"))
    assert "    INFO mockserver.test: forged" in told
    assert all(LINE.fullmatch(line) and line.isprintable() for line in told.split("\n"))


HOSTILE = [
    b"GET /_mock/health%0aINFO%20forged%1b%5b2J HTTP/1.1\r\nHost: localhost",
    b"GET /api/%0d%0aINFO%20forged/%e2%80%ae/%9b HTTP/1.1\r\nHost: localhost",
    b"GET /_mock/journal?contains=%0aINFO%20forged%1b HTTP/1.1\r\nHost: localhost",
    b"GET /_mock/journal?contains=\x1b[2J HTTP/1.1\r\nHost: localhost",
    b"GET /_mock/health HTTP/1.1\r\nHost: localhost\r\nX: a\rINFO forged",
    b"GET /_mock/health HTTP/1.1\r\nHost: \x1b[2J\r\nOrigin: \x1b[2J",
    b"GET /_mock/health HTTP/1.1\r\nHost: localhost\r\nX-Mock-Sandbox: \x9b2J",
    b"GET /_mock/sandboxes/%1b%0aINFO/_mock/health HTTP/1.1\r\nHost: localhost",
    b"INFO|`~ /_mock/health HTTP/1.1\r\nHost: localhost",
    b"\x1b[2J / HTTP/1.1\r\nHost: localhost",
    b"POST /v2/incidents HTTP/1.1\r\nHost: localhost\r\nContent-Type: \x1b\r\nContent-Length: 2\r\n\r\n\x1b\n",
    b"GET //evil%0aINFO HTTP/1.1\r\nHost: localhost",
]


@pytest.mark.parametrize("level", ["info", "debug"])
def test_a_server_that_logs_every_request_logs_only_lines_of_its_own(level: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--log-level", level],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        base_url = process.stdout.readline().decode().strip()
        host, _, port = base_url.removeprefix("http://").partition(":")
        for request in HOSTILE:
            send_raw((host, int(port)), request + b"\r\nConnection: close\r\n\r\n")
    finally:
        process.terminate()
        table, log = process.communicate(timeout=30)
    assert process.returncode == 0
    lines = log.decode().split("\n")[:-1]
    assert sum("mockserver.access: " in line for line in lines) >= 7
    for line in [*lines, *table.decode().split("\n")]:
        assert line.isprintable()
    for line in lines:
        assert re.fullmatch(r"(DEBUG|INFO|WARNING|ERROR) [A-Za-z0-9_.]+: .*|    .*", line), line
        assert not re.match(r".*: INFO", line)
