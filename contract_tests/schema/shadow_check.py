"""The models as a check of schemathesis: fuzzed traffic, judged by what it means. Loaded by hooks.py.

Every answer that hooks see is judged in the order of arrival; what the check of credentials sends goes past them.
There is to be one worker only. A vendor adds its model to MODELS.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx
import schemathesis

from contract_tests.deployment import Deployment
from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.model.grafana_oncall import OnCallShadow
from contract_tests.model.incident_io import IncidentIoShadow
from contract_tests.model.incident_io_learning import read_incident_io
from contract_tests.model.oncall_request import GROUPS, NOTES, POSTMORTEMS
from contract_tests.model.shadow import Shadow
from contract_tests.schema.shared import SHARED

Ask = Callable[
    [str, Mapping[str, str]], Exchange
]  # gets a target with these headers, and has the answer judged


@dataclass(frozen=True)
class Model:
    paths: str  # of the vendor's, after the base URL
    make: Callable[[Deployment, str, bool], Shadow]
    prime: Callable[[Deployment, Ask], None]  # reads what is there


def oncall(deployment: Deployment, base: str, shared: bool) -> Shadow:
    return OnCallShadow(deployment, strict=not shared, shared=shared, base=base)


def read_oncall(deployment: Deployment, ask: Ask) -> None:
    for token in (deployment.oncall_token, deployment.oncall_other_organization_token):
        for resource in (GROUPS, NOTES, POSTMORTEMS) if token else ():
            target: str | None = f"/api/v1/{resource}/?perpage=1000"
            while target:
                answered = ask(target, {"Authorization": token}).answered
                following = answered.json()["next"] if answered and answered.status == 200 else None
                target = following and "{0.path}?{0.query}".format(urlsplit(following))


def incident_io(deployment: Deployment, base: str, shared: bool) -> Shadow:
    return IncidentIoShadow(deployment, strict=not shared, shared=shared)


MODELS = (
    Model("/api/v1/", oncall, read_oncall),
    Model("/v[0-9]+/", incident_io, read_incident_io),
)


class Shadows:
    """The models of one run, each made and primed before the first request to its vendor."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._deployment = Deployment.from_environment(environment)
        self._shared = bool(environment.get(SHARED))
        self._shadows: dict[Model, Shadow] = {}
        self._complaints: list[str] = []

    def expect(self, base: str, path: str) -> None:
        """Before a request is sent."""
        model = self._model(base, path)
        if model and model not in self._shadows:
            self._shadows[model] = model.make(self._deployment, base, self._shared)
            with httpx.Client(base_url=base, timeout=180, trust_env=False) as http:
                model.prime(self._deployment, partial(self._ask, http, self._shadows[model]))

    def judge(self, base: str, exchange: Exchange) -> None:
        shadow = self._shadows.get(self._model(base, exchange.asked.path))  # type: ignore[arg-type]
        if shadow:
            self._complaints += shadow.judge(exchange)

    def complain(self) -> None:
        """About the answers since the last time."""
        complaints, self._complaints = self._complaints, []
        if complaints:
            raise AssertionError("\n".join(complaints))

    def _model(self, base: str, path: str) -> Model | None:
        rest = path.removeprefix(urlsplit(base).path.rstrip("/"))
        return next((model for model in MODELS if re.match(model.paths, rest)), None)

    def _ask(self, http: httpx.Client, shadow: Shadow, target: str, headers: Mapping[str, str]) -> Exchange:
        answer = http.get(target, headers=headers)
        exchange = Exchange(
            Asked("GET", answer.request.url.raw_path.decode("ascii"), tuple(headers.items())),
            Answered(answer.status_code, tuple(answer.headers.multi_items()), answer.content),
        )
        self._complaints += shadow.judge(exchange)
        return exchange


SHADOWS = Shadows(os.environ)


@schemathesis.hook("before_call")
def expect(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    base = case.operation.base_url or ""
    SHADOWS.expect(base, urlsplit(base).path.rstrip("/") + case.operation.path)


@schemathesis.hook("after_call")
def judge(context: schemathesis.HookContext, case: schemathesis.Case[Any], response: Any) -> None:
    if response.content_size == len(response.content):
        SHADOWS.judge(case.operation.base_url or "", exchange_of(response))


@schemathesis.check
class ShadowModel:
    """Fails with what the models complain of."""

    def after_response(self, ctx: Any, response: Any, case: schemathesis.Case[Any]) -> None:
        SHADOWS.complain()

    def after_run(self, ctx: Any) -> None:
        SHADOWS.complain()


def exchange_of(response: Any) -> Exchange:
    request = response.request
    body = request.body or b""
    asked = Asked(
        request.method,
        request.path_url,
        tuple((_text(name), _text(value)) for name, value in request.headers.items()),
        body if isinstance(body, bytes) else str(body).encode("utf-8", "surrogateescape"),
    )
    headers = tuple((name, value) for name, values in response.headers.items() for value in values)
    return Exchange(
        asked, Answered(response.status_code, headers, response.content), seconds=response.elapsed
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
