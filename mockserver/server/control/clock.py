"""The control API of a sandbox's clock: what it shows, stopped, moved, stepping."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mockserver.core.clock import NOTHING, OutOfRange, SandboxClock
from mockserver.core.moments import NoMoment, moment
from mockserver.server.control.bodies import read_object, refuse_others
from mockserver.server.control.choosing import chosen
from mockserver.server.sandboxes import Sandboxes

UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
DURATION = re.compile(r"([+-]?\d{1,9}(?:\.\d{1,6})?)(ms|[smhdw])")


def clock_routes(sandboxes: Sandboxes) -> list[BaseRoute]:
    def clock_of(request: Request) -> SandboxClock:
        return chosen(sandboxes, request).services.clock

    async def show(request: Request) -> Response:
        return JSONResponse(_shown(clock_of(request)))

    async def put(request: Request) -> Response:
        wanted = await read_object(request)
        refuse_others(wanted, ("now", "frozen", "tick"))
        frozen = wanted.get("frozen")
        if "frozen" in wanted and not isinstance(frozen, bool):
            raise HTTPException(400, "frozen must be true or false")
        at = _moment(wanted["now"]) if "now" in wanted else None
        clock = clock_of(request)
        step = before = clock.step
        if "tick" in wanted:
            step = NOTHING if wanted["tick"] is None else _seconds("tick", wanted["tick"])
        try:
            clock.step_by(step)
            _set(clock, at, frozen)
        except OutOfRange as error:
            clock.step_by(before)
            raise HTTPException(400, str(error)) from None
        return JSONResponse(_shown(clock))

    async def move(request: Request) -> Response:
        wanted = await read_object(request)
        refuse_others(wanted, ("seconds", "by"))
        if len(wanted) != 1:
            raise HTTPException(400, 'the body must hold seconds, or by, e.g. {"by": "1d"}')
        clock = clock_of(request)
        try:
            clock.move(_seconds("seconds", wanted["seconds"]) if "seconds" in wanted else _by(wanted["by"]))
        except OutOfRange as error:
            raise HTTPException(400, str(error)) from None
        return JSONResponse(_shown(clock))

    return [
        Route("/clock", show),
        Route("/clock", put, methods=["PUT"]),
        Route("/clock/move", move, methods=["POST"]),
    ]


def _set(clock: SandboxClock, at: datetime | None, frozen: bool | None) -> None:
    """Raises OutOfRange; then the clock is as it was."""
    if frozen:
        clock.freeze(at)
    elif at is not None:
        clock.set(at)
    if frozen is False and clock.frozen:
        clock.run()


def _shown(clock: SandboxClock) -> dict[str, Any]:
    return {
        "now": clock.now().isoformat(),
        "frozen": clock.frozen,
        "tick": clock.step.total_seconds() or None,
        "offset": clock.offset.total_seconds(),
    }


def _moment(value: object) -> datetime:
    try:
        return moment(value)
    except NoMoment as error:
        raise HTTPException(400, f"now: {error}") from None


def _seconds(key: str, value: object) -> timedelta:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise HTTPException(400, f"{key} must be a number of seconds")
    try:
        return timedelta(seconds=value)
    except OverflowError:
        raise HTTPException(400, f"{key} is beyond any clock") from None


def _by(value: object) -> timedelta:
    found = DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise HTTPException(400, "by must be a number and one of ms, s, m, h, d, w, e.g. 1d or -90s")
    try:
        return timedelta(**{UNITS[found[2]]: float(found[1])})
    except OverflowError:
        raise HTTPException(400, "by is beyond any clock") from None
