"""The requests of a failure as a script for bash and curl."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contract_tests.exchange import Asked, Exchange
from contract_tests.verdicts import wording

OF_THE_CONNECTION = re.compile(
    r"host|connection|keep-alive|transfer-encoding|content-length|accept-encoding|expect|upgrade|te"
    r"|x-contract-test",
    re.IGNORECASE,
)
# curl sends these by itself: one that was not sent has to be taken back.
_BY_ITSELF = ("User-Agent", "Accept", "Content-Type", "Expect")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ID = re.compile(r'"id"[ \t\r\n]*:[ \t\r\n]*"([A-Za-z0-9_-]{6,})"')
_LONGEST = 4000

_HEAD = """\
#!/usr/bin/env bash
# {title}
#
# Sends the requests of this failure again and prints the answers. Ids that an answer gave are carried into the
# requests after it. It writes and deletes where it sends to.
#
#   ./curl.sh [URL]          else to $CONTRACT_TARGET{else_to}
{variables}
set -u
here="$(cd "$(dirname "$0")" && pwd)"
target={default}
target="${{1:-${{CONTRACT_TARGET:-$target}}}}"
target="${{target%/}}"
: "${{target:?the base URL of the server is the first argument}}"
{wanted}
answers="$(mktemp -d)"
trap 'rm -rf "$answers"' EXIT

send() {{  # number, what is sent, what it answered; then the arguments of curl
  printf '\\n### %s  %s\\n### recorded: %s\\n' "$1" "$2" "$3"
  curl --silent --show-error --include --http1.1 --path-as-is --globoff --max-time 60 \\
    --output "$answers/$1" "${{@:4}}" && cat "$answers/$1" && echo
}}

id_in() {{  # number of the answer, how many-th id in it
  grep -aoE '"id"[[:space:]]*:[[:space:]]*"[^"]*"' "$answers/$1" | sed -n "$2p" | sed -E 's/.*"([^"]*)"$/\\1/'
}}
"""


@dataclass(frozen=True)
class Script:
    """`files` lie beside it."""

    text: str
    files: Mapping[str, bytes]


def script(
    exchanges: Sequence[Exchange], *, title: str, target: str | None, credentials: Mapping[str, str]
) -> Script:
    """`credentials`: what stands for one in a request, and the variable that holds it."""
    variables = sorted(set(credentials.values()))
    head = _HEAD.format(
        title=wording.line(title, 300),
        else_to=f", else to {wording.line(target)}" if target else "",
        variables="".join(f"#   needs ${name}\n" for name in variables),
        default=shlex.quote(target or ""),
        wanted="".join(f': "${{{name}:?is not set: a credential}}"\n' for name in variables),
    )
    rows, files = [head], dict[str, bytes]()
    for row in _requests(exchanges, {mark: f"${name}" for mark, name in credentials.items()}, files):
        rows.append(row)
    return Script("\n".join(rows) + "\n", files)


def _requests(
    exchanges: Sequence[Exchange], variables: dict[str, str], files: dict[str, bytes]
) -> Iterator[str]:
    """Fills `variables` with ids as answers give them, and `files`."""
    texts = [f"{it.asked.target}\n{it.asked.body.decode('utf-8', 'replace')}" for it in exchanges]
    for number, exchange in enumerate(exchanges, start=1):
        asked, answered = exchange.asked, exchange.answered
        was = f"{asked.method} {wording.line(asked.target, 120)}"
        recorded = str(answered.status) if answered else f"no answer ({wording.line(exchange.note, 80)})"
        if exchange.note:
            yield f"# {number}  note: {wording.line(exchange.note, 300)}"
        if not asked.target.isascii() or not asked.target.isprintable() or " " in asked.target:
            yield f"# {number}  {was}: curl cannot send this"
            continue
        address = f'"$target"{_quoted(asked.target, variables)}'
        words = [*_method(asked), *_headers(asked, number, variables, files)]
        words += [*_body(asked, number, variables, files), address]
        yield f"send {number} {shlex.quote(was)} {shlex.quote(recorded)} \\\n  " + " \\\n  ".join(words)
        body = answered.body.decode("utf-8", "replace") if answered else ""
        for place, given in enumerate(_ID.findall(body), start=1):
            is_used = any(given in text for text in texts[number:])
            if is_used and given not in variables and not any(given in text for text in texts[:number]):
                name = f"id{sum(value.startswith('$id') for value in variables.values()) + 1}"
                variables[given] = f"${name}"
                yield f'{name}="$(id_in {number} {place})"  # {given}'


def _method(asked: Asked) -> list[str]:
    if asked.method == "HEAD" and not asked.body:
        return ["--head"]
    return [f"--request {shlex.quote(asked.method)}"]


def _headers(
    asked: Asked, number: int, variables: Mapping[str, str], files: dict[str, bytes]
) -> Iterator[str]:
    """One that is not plain text goes into a file, byte for byte."""
    odd = b""
    for name, value in asked.headers:
        if OF_THE_CONNECTION.fullmatch(name) or not _NAME.fullmatch(name) or "\n" in value or "\r" in value:
            continue
        if not (value.isascii() and value.isprintable()):
            odd += f"{name}: {value}\n".encode("latin-1", "replace")
        else:
            yield f"--header {_quoted(f'{name}: {value}' if value.strip() else f'{name};', variables)}"
    if odd:
        files[f"headers-{number}.txt"] = odd
        yield f'--header "@$here/headers-{number}.txt"'
    given = {name.lower() for name, _ in asked.headers}
    yield from (f"--header {shlex.quote(f'{name}:')}" for name in _BY_ITSELF if name.lower() not in given)


def _body(asked: Asked, number: int, variables: Mapping[str, str], files: dict[str, bytes]) -> Iterator[str]:
    if not asked.body:
        if asked.header("Content-Length") is not None:
            yield "--data-raw ''"
        return
    text = _clean(asked.body)
    if text is not None:
        yield f"--data-raw {_quoted(text, variables)}"
    else:
        files[f"body-{number}.bin"] = asked.body
        yield f'--data-binary "@$here/body-{number}.bin"'


def _clean(body: bytes) -> str | None:
    """The body's text, if it may stand in a script as it is."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    plain = all(letter.isprintable() or letter in "\n\t" for letter in text)
    return text if plain and len(text) <= _LONGEST else None


def _quoted(text: str, variables: Mapping[str, str]) -> str:
    """One word of the shell, with what variables hold taken from them."""
    if not variables:
        return shlex.quote(text)
    known = "|".join(re.escape(it) for it in sorted(variables, key=len, reverse=True))
    parts = re.split(f"({known})", text)
    return "".join(
        f'"{variables[part]}"' if part in variables else shlex.quote(part) for part in parts if part
    )
