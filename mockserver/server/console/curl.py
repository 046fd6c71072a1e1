"""A request as a command line that sends it again. The credential is left for the reader to fill in."""

from __future__ import annotations

import re
import shlex
from base64 import b64encode
from collections.abc import Iterable, Iterator

from mockserver.core.exchange import Request
from mockserver.server.console.visible import is_plain
from mockserver.server.redaction import REDACTED, SECRET_HEADERS

# What curl says by itself, and what belongs to a connection rather than to a request.
UNSAID = frozenset(
    ["host", "content-length", "connection", "accept-encoding", "transfer-encoding", "user-agent", "expect"]
)
_GLOBS = re.compile(r"[\[\]{}]")
_DOTS = re.compile(r"/\.{1,2}(/|$)")
_BREAK = " \\\n  "


def as_curl(request: Request, base_url: str) -> str:
    """For a POSIX shell with `$'…'`. Nothing that a client has sent can end a word of the command."""
    target = request.path + (f"?{request.query}" if request.query else "")
    words = [" ".join(["curl", *_flags(request, target), quoted(f"{base_url}{request.mount}{target}")])]
    words += [f"-H {quoted(line)}" for line in _headers(request.headers.raw)]
    before = ""
    if request.body:
        text = _text(request.body)
        if text is None:
            before = f"printf %s {b64encode(request.body).decode()} | base64 -d | "
            words.append("--data-binary @-")
        else:
            words.append(f"--data-raw {quoted(text)}")
    return before + _BREAK.join(words)


def quoted(text: str) -> str:
    """One word of a shell's, in characters that can all be seen."""
    if is_plain(text):
        return shlex.quote(text)
    return "$'" + "".join(_escaped(character) for character in text) + "'"


def _escaped(character: str) -> str:
    if character in ("\\", "'"):
        return f"\\{character}"
    if is_plain(character):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _flags(request: Request, target: str) -> Iterator[str]:
    if request.method == "HEAD":
        yield "-I"
    elif request.method != ("POST" if request.body else "GET"):
        yield f"-X {quoted(request.method)}"
    if _GLOBS.search(target):
        yield "--globoff"
    if _DOTS.search(request.path):
        yield "--path-as-is"


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
    for key, content in raw:
        name, value = key.decode("latin-1"), content.decode("latin-1")
        if name.lower() in SECRET_HEADERS:
            scheme, blank, _ = value.partition(" ")
            yield f"{name}: {scheme} {REDACTED}" if blank else f"{name}: {REDACTED}"
        elif name.lower() not in UNSAID:
            # A header without a value is one that curl would leave out.
            yield f"{name}: {value}" if value else f"{name};"


def _text(body: bytes) -> str | None:
    """None for what a command line cannot hold."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
