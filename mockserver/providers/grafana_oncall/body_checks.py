"""The checks of a request's body, which come last: its form, then what it says."""

from __future__ import annotations

from typing import Any

import orjson

from mockserver.core.errors import Breach, Invalid, Refusal, TooLarge
from mockserver.core.exchange import LARGEST_BODY
from mockserver.core.jsontext import without_surrogates
from mockserver.providers.grafana_oncall import quirks
from mockserver.providers.grafana_oncall.actions import read_delay
from mockserver.providers.grafana_oncall.bodies import read_body
from mockserver.providers.grafana_oncall.checks import OnCallVisit
from mockserver.providers.grafana_oncall.texts import TEXT


def _read(visit: OnCallVisit) -> Any:
    request = visit.request
    if request.oversized:
        raise TooLarge(LARGEST_BODY)
    if visit.world.services.quirks:
        quirks.stumble_over_body(request)
        if quirks.overlooks_body(request):
            return {}
    return read_body(request.headers.joined("content-type"), request.body)


def read_object(visit: OnCallVisit) -> None:
    payload = _read(visit)
    if not isinstance(payload, dict):
        raise _no_object(payload)
    visit.payload = payload


def _no_object(payload: Any) -> Invalid:
    return Invalid([Breach((), "type", payload, expected="object")])


def read_silence(visit: OnCallVisit) -> None:
    """The delay comes before the group's state."""
    read_object(visit)
    delay = visit.payload.get("delay")
    if visit.quirky:
        quirks.stumble_over_delay(delay)
    visit.delay = read_delay(delay)


class BadMode(Refusal):
    """`words` are the whole answer."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def read_mode(visit: OnCallVisit) -> None:
    """How an alert group is to be deleted; nothing said is `wipe`."""
    payload = _read(visit)
    if not isinstance(payload, dict):
        raise BadMode("A dict with a `mode` key is expected")
    mode = payload.get("mode", "wipe")
    if mode not in ("wipe", "delete"):
        raise BadMode("Invalid mode")
    visit.mode = mode


def read_payload(visit: OnCallVisit) -> None:
    """A number is as good as a text: it becomes one before anything looks at it."""
    payload = _read(visit)
    if not isinstance(payload, dict):
        raise _no_object(payload)
    visit.payload = payload
    text = payload.get("text")
    if isinstance(text, int | float) and not isinstance(text, bool):
        payload["text"] = str(text)


def validate_new(visit: OnCallVisit) -> None:
    """Holds a new object against the document. What the model has to say of the other fields is said with it."""
    broken = _document_breaches(visit)
    if broken:
        group = visit.payload.get("alert_group_id")
        raise Invalid(_together(broken, visit.world.texts.breaches_of_new(visit.caller, group, _text(visit))))


def validate(visit: OnCallVisit) -> None:
    """Holds a body against the document alone, of an operation that no model has more to say of."""
    broken = _document_breaches(visit) if visit.payload or visit.operation.body_required else []
    if broken:
        raise Invalid(broken)


def validate_change(visit: OnCallVisit) -> None:
    broken = _document_breaches(visit)
    if broken:
        raise Invalid(_together(broken, visit.world.texts.breaches_of_text(_text(visit))))


def _together(broken: list[Breach], model: list[Breach]) -> list[Breach]:
    """The document's breaches and the model's, one voice a field; of a text that is one the model knows more."""
    kept = [breach for breach in broken if breach.pointer != TEXT or not isinstance(breach.value, str)]
    spoken_for = {breach.pointer for breach in kept}
    return kept + [breach for breach in model if breach.pointer not in spoken_for]


def _text(visit: OnCallVisit) -> str:
    text = visit.payload.get("text")
    return text if isinstance(text, str) else ""


def lose_the_text(visit: OnCallVisit) -> None:
    if visit.quirky and "text" not in visit.payload:
        raise quirks.Defect


def _document_breaches(visit: OnCallVisit) -> list[Breach]:
    judge, payload = visit.operation.judge, visit.payload
    if judge is None:
        return []
    try:
        orjson.dumps(payload)
    except orjson.JSONEncodeError:
        # Half a letter cannot be held against anything.
        payload = without_surrogates(payload)
    return [] if judge.holds(payload) else judge.breaches(payload)
