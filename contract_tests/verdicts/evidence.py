"""The exchanges of a test as they may leave the process: redacted, and no more of them than a person can read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from contract_tests.exchange import Exchange, Headers

Redact = Callable[[str], str]
MOST, MOST_BYTES = 100, 2_000_000
# What a server hands out to a session is a credential too, and one that nobody could know before.
_COOKIES, _COOKIE = frozenset(["cookie", "set-cookie", "proxy-authorization"]), "[redacted]"


def kept(exchanges: Sequence[Exchange], redact: Redact) -> tuple[tuple[Exchange, ...], int]:
    """The last ones, in their order, and how many were before them."""
    found: list[Exchange] = []
    size = 0
    for exchange in reversed(exchanges[-MOST:]):
        size += len(exchange.asked.body) + (len(exchange.answered.body) if exchange.answered else 0)
        if found and size > MOST_BYTES:
            break
        found.append(redacted(exchange, redact))
    return tuple(reversed(found)), len(exchanges) - len(found)


def redacted(exchange: Exchange, redact: Redact) -> Exchange:
    asked, answered = exchange.asked, exchange.answered
    return replace(
        exchange,
        asked=replace(
            asked,
            target=redact(asked.target),
            headers=_headers(asked.headers, redact),
            body=_body(asked.body, redact),
        ),
        answered=answered
        and replace(answered, headers=_headers(answered.headers, redact), body=_body(answered.body, redact)),
        note=redact(exchange.note),
        names={name: redact(value) for name, value in exchange.names.items()},
    )


def _headers(headers: Headers, redact: Redact) -> Headers:
    return tuple(
        (redact(name), _COOKIE if name.lower() in _COOKIES else redact(value)) for name, value in headers
    )


def _body(body: bytes, redact: Redact) -> bytes:
    try:
        return redact(body.decode("utf-8")).encode("utf-8")
    except UnicodeDecodeError:
        return redact(body.decode("latin-1")).encode("latin-1", "replace")
