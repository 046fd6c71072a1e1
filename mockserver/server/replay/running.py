"""The replay itself: each exchange sent in its turn, with what the answers before it have taught."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase

from mockserver.core.errors import ConfigurationError
from mockserver.server.redaction import Redactor, secrets_of
from mockserver.server.replay.carry import Carry
from mockserver.server.replay.comparing import Difference, compare
from mockserver.server.replay.recording import Exchange, RecordedRequest
from mockserver.server.replay.targets import Headers, Target
from mockserver.server.replay.volatile import Shapes

# The connection's own, made anew for each exchange. Answers are wanted as plain text.
_OF_THE_CONNECTION = re.compile(
    r"host|connection|keep-alive|transfer-encoding|content-length|accept-encoding|expect|upgrade|te"
)


class Outcome(Enum):
    MATCHED = "matched"
    DIFFERS = "differs"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """`sent` is method, path and query as they went out. Nothing in here holds a credential."""

    exchange: Exchange
    outcome: Outcome
    name: str
    sent: str
    differences: tuple[Difference, ...] = ()

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]


def selected(exchanges: Sequence[Exchange], patterns: Sequence[str]) -> Sequence[Exchange]:
    """Those whose name matches one of the patterns; without patterns, all. Raises ConfigurationError if none does."""
    if not patterns:
        return exchanges
    found = [exchange for exchange in exchanges if any(fnmatchcase(exchange.name, only) for only in patterns)]
    if not found:
        raise ConfigurationError(f"--only {' '.join(patterns)}: no exchange has such a name")
    return found


def credentials(
    exchanges: Sequence[Exchange], given: Mapping[str, str], environment: Mapping[str, str]
) -> dict[str, str]:
    """The Authorization by caller: as given, else from `MOCKSERVER_CREDENTIAL_<NAME>`. Raises ConfigurationError."""
    callers = sorted({exchange.caller for exchange in exchanges if exchange.caller is not None})
    for name in given:
        if name not in callers:
            known = ", ".join(callers) or "none"
            raise ConfigurationError(
                f"--credential {name}: nothing was recorded as {name!r}; known are {known}"
            )
    found = {name: environment.get(variable(name)) for name in callers} | dict(given)
    for name, value in found.items():
        if value is not None and not (value.isprintable() and value.isascii()):
            raise ConfigurationError(f"the credential of {name!r} must be printable ASCII")
    return {name: value for name, value in found.items() if value is not None}


def variable(caller: str) -> str:
    letters = (letter if letter.isascii() and letter.isalnum() else "_" for letter in caller)
    return f"MOCKSERVER_CREDENTIAL_{''.join(letters).upper()}"


def replay(
    exchanges: Sequence[Exchange], target: Target, credentials: Mapping[str, str] | None = None
) -> Iterator[Result]:
    """Sends them one after the other, as the results are asked for. Raises Unreachable."""
    given = credentials or {}
    shapes = Shapes(target.base_url)
    carry = Carry(shapes, frozenset(_vocabulary(exchanges, shapes)))
    recorded = (secret for exchange in exchanges for secret in secrets_of(exchange.request.headers))
    redactor = Redactor([*recorded, *given.values()])
    for exchange in exchanges:
        yield _replayed(exchange, target, given, carry, redactor)


def _replayed(
    exchange: Exchange, target: Target, given: Mapping[str, str], carry: Carry, redactor: Redactor
) -> Result:
    request, response = exchange.request, exchange.response
    if not request.body.recorded:
        sent = f"{request.method} {_target(request.path, request.query)}"
        return Result(exchange, Outcome.SKIPPED, redactor.text(exchange.name), redactor.text(sent))
    path = _target(carry.outgoing(request.path), carry.outgoing(request.query))
    body = _outgoing(request.body.content, carry)
    headers = _headers(request, body, given.get(exchange.caller or ""))
    seen = target.send(request.method, path, headers, body)
    differences: tuple[Difference, ...] = ()
    if not response.body.recorded:
        outcome = Outcome.SKIPPED
    else:
        found = compare(response, seen, carry)
        differences = tuple(
            Difference(
                redactor.text(difference.place),
                redactor.value(difference.expected),
                redactor.value(difference.seen),
            )
            for difference in found
        )
        outcome = Outcome.DIFFERS if found else Outcome.MATCHED
    sent = redactor.text(f"{request.method} {path}")
    return Result(exchange, outcome, redactor.text(exchange.name), sent, differences)


def _headers(request: RecordedRequest, body: bytes | None, credential: str | None) -> Headers:
    headers = [
        (name, value)
        for name, value in request.headers.items()
        if not _OF_THE_CONNECTION.fullmatch(name.lower())
        and not (credential is not None and name.lower() == "authorization")
    ]
    if credential is not None:
        headers.insert(0, ("Authorization", credential))
    if body is not None:
        headers.append(("Content-Length", str(len(body))))
    return headers


def _outgoing(content: bytes | None, carry: Carry) -> bytes | None:
    """Bytes that are no text go out as they are."""
    if content is None:
        return None
    try:
        return carry.outgoing(content.decode("utf-8")).encode("utf-8")
    except UnicodeDecodeError:
        return content


def _target(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _vocabulary(exchanges: Iterable[Exchange], shapes: Shapes) -> Iterator[str]:
    """Every id that is named by an exchange of which both sides are known."""
    for exchange in exchanges:
        request, response = exchange.request, exchange.response
        if not request.body.recorded:
            continue
        texts = [request.path, request.query, *response.headers.values()]
        texts += [
            body.content.decode("utf-8", "replace")
            for body in (request.body, response.body)
            if body.content is not None
        ]
        for text in texts:
            yield from shapes.of_kind("id", text)
