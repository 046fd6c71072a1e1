"""The page of a sandbox's clock: stopped, moved, stepping."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from mockserver.core.clock import OutOfRange, SandboxClock
from mockserver.core.moments import NoMoment, moment
from mockserver.server.console.console import Console, form_of

# What the buttons move it by, in seconds.
MOVES: Mapping[str, int] = {
    "−1 day": -86_400,
    "+10 seconds": 10,
    "+1 minute": 60,
    "+1 hour": 3_600,
    "+1 day": 86_400,
    "+30 days": 30 * 86_400,
}


def clock_routes(console: Console) -> list[BaseRoute]:
    async def show(request: Request) -> Response:
        return _page(console, request)

    async def act(request: Request) -> Response:
        form = await form_of(request)
        try:
            _act(form, console.sandbox(request).services.clock)
        except (NoMoment, OutOfRange) as error:
            return _page(console, request, problem=f"{error}.")
        return console.back(request, "console/clock", "clock")

    return [console.route("clock", show), console.route("clock", act, posts=True)]


def _act(form: Mapping[str, str], clock: SandboxClock) -> None:
    """Raises NoMoment, OutOfRange, HTTPException."""
    match form.get("do", ""):
        case "freeze":
            clock.freeze()
        case "run":
            clock.run()
        case "set":
            clock.set(moment(form.get("at", "").strip()))
        case "move":
            clock.move(_seconds(form.get("seconds", "")))
        case "step":
            clock.step_by(_seconds(form.get("seconds", "") or "0"))
        case _:
            raise HTTPException(400, "The form does not say what to do.")


def _seconds(text: str) -> timedelta:
    try:
        return timedelta(seconds=float(text.replace("−", "-")))
    except (ValueError, OverflowError):
        raise OutOfRange(f"“{text[:40]}” is no number of seconds") from None


def _page(console: Console, request: Request, problem: str = "") -> Response:
    clock = console.sandbox(request).services.clock
    return console.page(
        "clock.html",
        request,
        here="clock",
        status=400 if problem else 200,
        problem=problem,
        now=clock.now(),
        frozen=clock.frozen,
        step=clock.step.total_seconds(),
        offset=round(clock.offset.total_seconds()),
        moves=MOVES,
    )
