"""From settings to a listening socket, and back to a clean end."""

from __future__ import annotations

import asyncio
import errno
import gc
import ipaddress
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import uvicorn

from mockserver.core.errors import ConfigurationError
from mockserver.server.access import AccessLog
from mockserver.server.answering import FastProtocol
from mockserver.server.app import MockServer
from mockserver.server.documents import operations_of
from mockserver.server.logs import LineFormatter
from mockserver.server.protocol import Protocol
from mockserver.server.state.files import save

GRACE = 3
BACKLOG = 2048
# How many objects more than were freed make Python look for garbage; a page of a list is a few hundred.
GARBAGE = 20_000


@dataclass(frozen=True, slots=True)
class Listener:
    """A bound socket and the base URL under which a client reaches it."""

    socket: socket.socket
    base_url: str


def listen(host: str, port: int) -> Listener:
    """Binds at once, so that a port in use is told before anything else is done. Raises ConfigurationError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise ConfigurationError(f"--host {host}: there is no such host") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be bound: {error.strerror}"
        raise ConfigurationError(f"--port {port}: the port {reason} on {host}") from None
    return Listener(listener, f"http://{_reachable(host)}:{listener.getsockname()[1]}")


def _reachable(host: str) -> str:
    """A name for clients on this machine; a wildcard address is none."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


def configuration(mock: MockServer, *, log_level: str) -> uvicorn.Config:
    access = _access_log(mock) if log_level in ("info", "debug") else None
    return uvicorn.Config(
        mock.app if access is None else access,
        http=_protocol(mock, access),
        ws="none",
        lifespan="off",
        log_config=None,
        # uvicorn's own line holds the whole query.
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=mock.settings.seed is None,
        timeout_graceful_shutdown=GRACE,
    )


def _protocol(mock: MockServer, access: AccessLog | None) -> type[asyncio.Protocol]:
    if mock.settings.protocol == "plain":
        return Protocol
    # uvicorn makes one for every connection and asks no more of it than that it can be called.
    return cast("type[asyncio.Protocol]", partial(FastProtocol, mock.engine, access))


def _access_log(mock: MockServer) -> AccessLog:
    worlds = mock.sandboxes.default.worlds
    callers = [caller for provider in mock.providers for caller in provider.callers(worlds[provider.name])]
    token = mock.settings.control_token
    return AccessLog(mock.app, callers if token is None else [*callers, token])


def serve(mock: MockServer, listener: Listener, *, log_level: str, announce: Callable[[], None]) -> None:
    """Runs until SIGTERM or ctrl-C, and saves the state then; `announce` is called once connections are accepted.

    Raises ConfigurationError where it cannot be saved.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn stops by itself and then raises the signal once more for whoever stood here before.
        signal.signal(number, lambda *_: None)
    settle()
    _Announcing(configuration(mock, log_level=log_level), announce).run(sockets=[listener.socket])
    mock.sandboxes.close()
    if mock.settings.state is not None:
        save(mock.settings.state, mock.sandboxes.export(mock.sandboxes.default))


def settle() -> None:
    """What is there when a server starts stays there: nothing need look through it for garbage again and again. What
    requests leave behind holds no cycles, so it can wait; sandboxes that are gone do hold some, so not for ever."""
    gc.freeze()
    gc.set_threshold(GARBAGE, 10, 10)


def configure_logging(level: str) -> None:
    """Everything to standard error; standard output is for the base URL and the table."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    if level != "debug":
        logging.getLogger("connexion").setLevel(logging.WARNING)
        # A client's broken multipart body is the client's to hear of.
        logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


def table(mock: MockServer) -> str:
    """What a person needs to point a client here."""
    settings = mock.settings
    # A browser cannot send the control token with a page it is asked to open.
    pages = settings.control_token is None
    lines = []
    for provider in mock.providers:
        lines += [
            f"{provider.title}",
            f"  base URL    {settings.base_url}",
            f"  credential  Authorization: {provider.credential}",
            *([f"  page        {settings.base_url}/_mock/docs/{provider.name}/"] if pages else []),
            f"  try         curl {_example(settings.base_url, provider.credential, provider.example)}",
        ]
    lines.append(f"console     {settings.base_url}/_mock/")
    canned = sum(
        operation["operationId"] not in provider.functions
        for provider in mock.providers
        for _, _, operation in operations_of(mock.documents[provider.name])
    )
    if canned:
        are = "operations have no model and answer" if canned > 1 else "operation has no model and answers"
        lines.append(f"canned      {canned} {are} what the document shows")
    standing = len(mock.sandboxes.default.faults)
    if standing:
        lines.append(f"faults      {standing} rule{'s' if standing > 1 else ''} in every sandbox")
    factor = settings.rate_factor
    rate = "off" if factor is None else "as the vendor's" if factor == 1 else f"{factor:g} times the vendor's"
    stepping = "" if settings.seed is None else ", on a clock that moves by 0.1 s a request"
    lines.append(f"rate limits {rate}{stepping if factor is not None else ''}")
    return "\n".join(lines)


def _example(base_url: str, credential: str, example: Sequence[str]) -> str:
    path, *arguments = example
    return " ".join([f"{base_url}{path}", f"-H 'Authorization: {credential}'", *arguments])
