"""Defects that the real engine was seen with in January 2026. Off unless the server is told otherwise.

Nothing else knows of them: where the vendor stumbles, a check asks here first.
"""

from __future__ import annotations

from mockserver.core import jsontext
from mockserver.core.errors import Refusal
from mockserver.core.exchange import Request
from mockserver.providers.grafana_oncall.actions import LONGEST_SILENCE


class Defect(Refusal):
    """The engine crashes: a 500 in HTML."""


def stumble_over_token(token: str) -> None:
    if not token.isascii():
        raise Defect


def stumble_over_body(request: Request) -> None:
    """JSON nested too deeply for Python's parser; shallower than that is left to the checks."""
    content_type = request.headers.joined("content-type") or ""
    if not content_type.startswith("application/json") or overlooks_body(request):
        return
    try:
        jsontext.parse(request.body.decode("utf-8", "replace"))
    except jsontext.TooDeep:
        raise Defect from None
    except ValueError:
        return


def overlooks_body(request: Request) -> bool:
    """A body in chunks is taken as empty."""
    return "chunked" in (request.headers.joined("transfer-encoding") or "").lower()


def stumble_over_delay(delay: object) -> None:
    """What is no number at all, and an end that no calendar holds."""
    if isinstance(delay, list | dict) or (isinstance(delay, int | float) and delay > LONGEST_SILENCE):
        raise Defect
