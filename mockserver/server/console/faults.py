"""The page of faults: what goes wrong on purpose, switched on and off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from mockserver.server.console.console import Console, form_of
from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.faults.deciding import Faults, TakenId, TooMany
from mockserver.server.faults.files import load_profile, profile_names
from mockserver.server.faults.reading import read_rule
from mockserver.server.faults.rules import RuleSpec
from mockserver.server.faults.values import Wrong

# What the short form offers, beside what the rule in full could say.
ACTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "500": ("Answer 500", {"status": 500}),
    "503": ("Answer 503", {"status": 503}),
    "429": ("Answer 429, retry after 2 s", {"status": 429, "retry_after": 2}),
    "slow": ("Wait for 2 s, then answer", {"delay": 2}),
    "hang": ("Never answer", {"hang": True}),
    "reset": ("Reset the connection", {"reset": True}),
    "truncate": ("Cut the body short", {"truncate": True}),
    "malformed": ("Break the body’s JSON", {"malformed": True}),
}
TIMES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "always": ("every time", {}),
    "once": ("the next time only", {"times": 1}),
    "third": ("every third time", {"every": 3}),
    "tenth": ("one time in ten, by chance", {"probability": 0.1}),
}


def fault_routes(console: Console, catalogue: Catalogue) -> list[BaseRoute]:
    async def show(request: Request) -> Response:
        return _page(console, catalogue, request)

    async def act(request: Request) -> Response:
        form = await form_of(request)
        faults = console.sandbox(request).faults
        try:
            done = _act(form, faults, catalogue)
        except (Wrong, TakenId, TooMany) as error:
            return _page(console, catalogue, request, problem=f"{error}.", rule=form.get("rule", ""))
        return console.back(request, "console/faults", done)

    return [console.route("faults", show), console.route("faults", act, posts=True)]


def _act(form: Mapping[str, str], faults: Faults, catalogue: Catalogue) -> str:
    """What has been done, as a key of wording.DONE. Raises Wrong, TakenId, TooMany, HTTPException."""
    action = form.get("do", "")
    if action == "profile":
        faults.add(_profile(form.get("name", ""), catalogue))
        return "faults-added"
    if action in ("short", "rule"):
        rule = _composed(form) if action == "short" else _parsed(form.get("rule", ""))
        faults.add([read_rule(rule, catalogue)])
        return "fault-added"
    if action == "clear":
        faults.clear()
        return "faults-deleted"
    found = faults.get(form.get("id", ""))
    if found is None:
        raise HTTPException(404, "There is no such fault any more.")
    if action == "delete":
        faults.remove(found.id)
        return "fault-deleted"
    if action in ("on", "off"):
        faults.enable(found, action == "on")
        return f"fault-{action}"
    raise HTTPException(400, "The form does not say what to do.")


def _profile(name: str, catalogue: Catalogue) -> Sequence[RuleSpec]:
    if name not in profile_names():
        raise HTTPException(404, "There is no such profile.")
    return load_profile(name, catalogue).rules


def _composed(form: Mapping[str, str]) -> dict[str, Any]:
    act, times = ACTS.get(form.get("act", "")), TIMES.get(form.get("times", ""))
    if act is None or times is None:
        raise HTTPException(400, "The form does not say what goes wrong, or how often.")
    match = dict(times[1])
    # The operation comes with its vendor, as two vendors may have one of the same name.
    vendor, _, operation = form.get("operation", "").partition(" ")
    if vendor:
        match["provider"] = vendor
    if operation:
        match["operation"] = operation
    return {"match": match, "act": dict(act[1])}


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Wrong((), f"is no JSON: {error}") from None


def _page(
    console: Console, catalogue: Catalogue, request: Request, problem: str = "", rule: str = ""
) -> Response:
    faults = console.sandbox(request).faults
    return console.page(
        "faults.html",
        request,
        here="faults",
        status=400 if problem else 200,
        problem=problem,
        rule=rule,
        faults=[(found, _words(found.spec.shown)) for found in faults],
        profiles=[load_profile(name, catalogue) for name in profile_names()],
        operations=console.operations,
        acts=ACTS,
        times=TIMES,
    )


def _words(shown: Mapping[str, Any]) -> Mapping[str, list[tuple[str, str]]]:
    """What a rule is about and what it does, as names and values."""
    return {
        part: [(name.replace("_", " "), _word(value)) for name, value in shown.get(part, {}).items()]
        for part in ("match", "act")
    }


def _word(value: Any) -> str:
    if value is True:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(_word(item) for item in value)
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
