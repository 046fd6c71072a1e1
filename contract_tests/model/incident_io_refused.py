"""What a refusal of incident.io has to say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from contract_tests.exchange import Answered

TYPES = {
    400: ("invalid_request_error",),
    401: ("authentication_error",),
    403: ("resource_forbidden",),
    404: ("not_found",),
    405: ("method_not_allowed",),
    406: ("not_acceptable",),
    408: ("request_timeout", "client_timeout"),
    409: ("conflict",),
    412: ("precondition_failed",),
    413: ("payload_too_large",),
    422: ("validation_error",),
    429: ("too_many_requests", "rate_limit_reached"),
}


def envelope(answered: Answered) -> Iterator[str]:
    """Whether a refusal is one of this vendor's, whatever it is about."""
    try:
        body = answered.json()
    except ValueError:
        yield f"error.envelope: a {answered.status} that is not JSON"
        return
    if not isinstance(body, dict) or not isinstance(body.get("errors"), list) or not body["errors"]:
        yield f"error.envelope: a {answered.status} without a list of errors: {body!r:.200}"
        return
    if body.get("status") != answered.status or isinstance(body.get("status"), bool):
        yield f"error.envelope: a {answered.status} that says status {body.get('status')!r}"
    if body.get("type") not in TYPES.get(answered.status, (body.get("type"),)):
        yield f"error.envelope: a {answered.status} of type {body.get('type')!r}"
    if not isinstance(body.get("request_id"), str) or not body["request_id"]:
        yield f"error.envelope: a {answered.status} without a request_id"
    for error in body["errors"]:
        yield from _single(error)
    if answered.status == 429:
        yield from _throttled(answered, body)


def _single(error: Any) -> Iterator[str]:
    if not isinstance(error, dict):
        yield f"error.envelope: an error that is no object: {error!r:.100}"
        return
    for name in ("code", "message"):
        if not isinstance(error.get(name), str) or not error[name]:
            yield f"error.envelope: an error without {name}: {error!r:.200}"
    if "source" in error:
        source = error["source"]
        if not isinstance(source, dict) or not isinstance(source.get("field"), str):
            yield f"error.source: an error whose source has no field: {error!r:.200}"
        elif not isinstance(source.get("pointer"), str):
            yield f"error.source: an error whose source has no pointer: {error!r:.200}"
        elif source["field"] != "body" and source["pointer"].rpartition("/")[2] != source["field"]:
            yield f"error.source: an error whose pointer does not lead to its field: {error!r:.200}"
    if "metadata" in error and not isinstance(error["metadata"], dict):
        yield f"error.envelope: an error whose metadata is no object: {error!r:.200}"


def _throttled(answered: Answered, body: Any) -> Iterator[str]:
    limit = body.get("rate_limit")
    if not isinstance(limit, dict) or not {"name", "limit", "remaining", "retry_after"} <= limit.keys():
        yield f"rate.answer: a 429 whose rate_limit is {limit!r:.200}"
    if not (answered.header("Retry-After") or "").isdecimal():
        yield f"rate.retry-after-header: a 429 with Retry-After {answered.header('Retry-After')!r}"


def codes(answered: Answered) -> list[str]:
    try:
        return [error["code"] for error in answered.json()["errors"]]
    except (ValueError, KeyError, TypeError):
        return []


def refused(answered: Answered, rule: str, why: str, status: int, *allowed: str) -> Iterator[str]:
    """A complaint if the answer is not a refusal with this status and, if codes are given, one of these codes.

    That it refuses at all is documented, or it would be no rule at all: success is told apart by its words.
    """
    if not 400 <= answered.status < 500:
        yield f"{rule}: answers {answered.status}, not {status}: {why}"
    elif answered.status != status:
        yield f"{rule}: refuses with {answered.status}, not {status}: {why}"
    elif allowed and not set(codes(answered)) & set(allowed):
        yield f"{rule}: refuses with {codes(answered)}, not {' or '.join(allowed)}: {why}"


def not_found(answered: Answered, rule: str, why: str) -> Iterator[str]:
    yield from refused(answered, rule, why, 404, "resource_not_found")


def lacking_scope(answered: Answered, rule: str, scopes: Collection[str]) -> Iterator[str]:
    names = " or ".join(sorted(scopes))
    yield from refused(answered, rule, f"the key has no {names}", 403, "missing_required_scope")
    if answered.status == 403 and "missing_required_scope" in codes(answered):
        error = answered.json()["errors"][0]
        named = (error.get("metadata") or {}).get("scope")
        if named not in scopes:
            yield f"auth.missing-scope: names the scope {named!r}, not {names}"
        elif named not in error["message"]:
            yield f"auth.missing-scope: does not say {named} in its message {error['message']!r}"


def wrong_members(answered: Answered, rules: Mapping[str, str], wrong: Mapping[str, str]) -> Iterator[str]:
    """Each member at fault has an error of its own, which names it."""
    why = ", ".join(f"{name}: {code}" for name, code in wrong.items())
    rule = rules[next(iter(wrong.values()))]
    yield from refused(answered, rule, why, 422)
    if answered.status != 422 or not codes(answered):
        return
    errors = answered.json()["errors"]
    for name, code in wrong.items():
        of_it = [error for error in errors if _is_about(error, name)]
        inside = any(
            (error.get("source") or {}).get("pointer", "").startswith(f"/{name}/") for error in of_it
        )
        if not inside and not any(error["code"] == code for error in of_it):
            yield f"{rules[code]}: has no error {code} about {name}: {errors!r:.300}"


def _is_about(error: Mapping[str, Any], name: str) -> bool:
    source = error.get("source") or {}
    return (
        source.get("field") == name
        or source.get("pointer", "").startswith(f"/{name}/")
        or f'"{name}"' in error["message"]
    )
