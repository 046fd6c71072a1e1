"""How a browser shows the control token: once, on a page, for a session that a cookie carries from then on."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from mockserver.server.asgi import MOUNT
from mockserver.server.console.rendering import PREFIX, Renderer
from mockserver.server.control.bodies import read_bytes

MOST_SESSIONS = 32
SESSION_SECONDS = 12 * 3600
MOST_GUESSES = 10
GUESS_SECONDS = 60
SAFE_METHODS = frozenset(["GET", "HEAD", "OPTIONS"])
OPEN = (f"{PREFIX}/login", f"{PREFIX}/assets/")


class Login:
    """Sessions of those who have shown the token. `cookie` is the name of theirs; `timer` counts seconds.

    Wrong tokens are counted over everybody: after MOST_GUESSES within GUESS_SECONDS, the right one has to wait too.
    """

    def __init__(self, token: str, *, cookie: str, timer: Callable[[], float] = time.monotonic) -> None:
        self._token = token.encode()
        self._cookie = cookie
        self._timer = timer
        self._sessions: OrderedDict[str, float] = OrderedDict()
        self._guesses: deque[float] = deque()

    def admits(self, connection: HTTPConnection) -> bool:
        """Whether the console's login says yes, where no token came with the request."""
        path = connection.scope["path"]
        if path == OPEN[0] or path.startswith(OPEN[1]):
            return True
        if not self.knows(connection.cookies.get(self._cookie, "")):
            return False
        return connection.scope["method"] in SAFE_METHODS or _same_origin(connection)

    def invitation(self, connection: HTTPConnection) -> Response | None:
        """Sends a browser that asks for a page to the login; None for everybody else."""
        if connection.scope["method"] != "GET" or not accepts_html(connection):
            return None
        return RedirectResponse(f"{connection.scope.get(MOUNT, '')}{PREFIX}/login", 303)

    def open(self, given: str) -> str | None:
        """A new session's secret for the right token, else None."""
        now = self._timer()
        while self._guesses and self._guesses[0] <= now - GUESS_SECONDS:
            self._guesses.popleft()
        if self.exhausted or not hmac.compare_digest(given.encode(), self._token):
            if not self.exhausted:
                self._guesses.append(now)
            return None
        session = secrets.token_urlsafe(32)
        self._sessions[session] = now + SESSION_SECONDS
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return session

    def knows(self, given: str) -> bool:
        """Whether it is a session's secret, and the session has not ended."""
        now = self._timer()
        for session in [session for session, until in self._sessions.items() if until <= now]:
            del self._sessions[session]
        known = [hmac.compare_digest(given.encode(), session.encode()) for session in self._sessions]
        return any(known)

    @property
    def exhausted(self) -> bool:
        """Whether too many wrong tokens were tried of late."""
        return len(self._guesses) >= MOST_GUESSES

    def close(self, session: str) -> None:
        self._sessions.pop(session, None)

    def routes(self, renderer: Renderer) -> list[BaseRoute]:
        async def show(request: Request) -> Response:
            return renderer.page("login.html", request, here="login")

        async def enter(request: Request) -> Response:
            form = parse_qs((await read_bytes(request)).decode(errors="replace"))
            session = self.open(form.get("token", [""])[-1])
            if session is None:
                problem = (
                    "Too many wrong tokens of late; wait a minute."
                    if self.exhausted
                    else "That is not the token."
                )
                status = 429 if self.exhausted else 403
                return renderer.page("login.html", request, here="login", status=status, problem=problem)
            response = RedirectResponse(f"{request.scope.get(MOUNT, '')}/_mock/", 303)
            response.set_cookie(
                self._cookie,
                session,
                max_age=SESSION_SECONDS,
                path="/_mock",
                httponly=True,
                samesite="strict",
                secure=request.url.scheme == "https",
            )
            return response

        async def leave(request: Request) -> Response:
            self.close(request.cookies.get(self._cookie, ""))
            response = RedirectResponse(f"{request.scope.get(MOUNT, '')}{PREFIX}/login", 303)
            response.delete_cookie(self._cookie, path="/_mock")
            return response

        return [
            Route("/console/login", show),
            Route("/console/login", enter, methods=["POST"]),
            Route("/console/logout", leave, methods=["POST"]),
        ]


def accepts_html(connection: HTTPConnection) -> bool:
    """Whether a page was asked for by name, as browsers do; `*/*` is no wish for one."""
    return "text/html" in connection.headers.get("accept", "").lower()


def _same_origin(connection: HTTPConnection) -> bool:
    origin = connection.headers.get("origin")
    if origin is not None:
        host = connection.headers.get("host", "")
        return origin in (f"http://{host}", f"https://{host}")
    return connection.headers.get("sec-fetch-site") == "same-origin"
