"""Who asks a Grafana OnCall, and what refuses them before anybody looks at objects and bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from contract_tests.exchange import Answered, Asked
from contract_tests.model.oncall_forms import json_of
from contract_tests.model.oncall_request import UNSURE, Refused, Route, Sure, accepts_json, last
from contract_tests.model.oncall_world import Person
from contract_tests.model.shadow import brief

READING = ("GET", "HEAD", "OPTIONS")
METHODS = (*READING, "POST", "PUT", "PATCH", "DELETE", "TRACE")
ANY_SIZE = 100_000  # a body that no server may find too large
NOT_FOUND = {"detail": "Not found."}
INVALID_TOKEN = {"detail": "Invalid token."}
INACTIVE = {"detail": "Only active users are allowed to perform this action."}
NO_PERMISSION = {"detail": "You do not have permission to perform this action."}
NOT_ACCEPTED = {"detail": "Could not satisfy the request Accept header."}
THROTTLED = r"Request was throttled\. Expected available in (\d+) seconds?\."


class Access:
    def __init__(self, people: Mapping[str, Person], *, limited: bool) -> None:
        self._people, self._limited = people, limited

    def crashed(self, asked: Asked, answered: Answered) -> Iterator[str]:
        """What no request at all may be answered with."""
        if answered.status >= 500 or answered.status < 200:
            yield f"body.never-500: answers {answered.status} {brief(answered.body)}"
        elif answered.status == 413 and len(asked.body) <= ANY_SIZE:
            yield f"body.too-large: answers 413 to {len(asked.body)} bytes"
        elif answered.status == 429 and not self._limited:
            yield "rate.limit: answers 429 where no limits are"
        elif answered.status == 429:
            told = json_of(answered)
            match = re.fullmatch(THROTTLED, str(told.get("detail"))) if isinstance(told, dict) else None
            waits = {answered.header(name) for name in ("Retry-After", "RateLimit-Reset")}
            if asked.method != "HEAD" and (match is None or waits != {match[1]}):
                yield f"rate.answer: answers 429 {brief(answered.body)}, to wait {waits}"

    def person(self, asked: Asked) -> Person | Sure | None:
        """Whose token it is; None for nobody's."""
        values = [value for name, value in asked.headers if name.lower() == "authorization"]
        if len(values) > 1:
            return UNSURE
        return self._people.get(values[0].strip(" \t")) if values else None

    def refused(self, asked: Asked, route: Route, person: Person | None) -> Refused | Sure | None:
        """What stands against a request before anybody looks at objects and bodies."""
        accepted, format_ = accepts_json(asked), last(asked.query, "format")
        if accepted is UNSURE or format_ == "":
            return UNSURE
        if not accepted or format_ not in (None, "json"):
            if accepted:
                return Refused(404, UNSURE, "accept.format-parameter")
            return Refused(406, NOT_ACCEPTED, "accept.excludes-json") if format_ in (None, "json") else UNSURE
        if person is None:
            return Refused(403, INVALID_TOKEN, "auth.bad-token")
        if person.role == "inactive":
            return Refused(403, INACTIVE, "auth.inactive-user")
        if person.role == "gone":
            return Refused(404, NOT_FOUND, "auth.deleted-organization")
        supported = asked.method in route.methods
        if not supported or asked.method == "OPTIONS":
            if person.role not in ("admin", "editor"):
                return UNSURE
            if asked.method not in METHODS:
                return UNSURE
            words = {"detail": f'Method "{asked.method}" not allowed.'}
            return None if supported else Refused(405, words, "method.unsupported")
        if person.service and route.verb:
            words = {"detail": f"Service accounts are not allowed to {route.verb} alert groups"}
            return Refused(403, words if person.role == "editor" else UNSURE, "account.actions")
        if person.role == "none" or (person.role == "viewer" and asked.method not in READING):
            return Refused(403, NO_PERMISSION, "role.viewer-only-reads, note.rights, group.rights")
        return None

    def slipped_in(
        self, asked: Asked, answered: Answered, route: Route, person: Person | None
    ) -> Iterator[str]:
        """Where it is not said how somebody is refused, at least that they are."""
        if answered.status < 300 and (person is None or person.role in ("inactive", "gone", "none")):
            yield f"auth.bad-token, role.viewer-only-reads: answers {answered.status} {brief(answered.body)}"
        elif answered.status < 300 and asked.method not in route.methods:
            yield f"method.unsupported: {asked.method} answers {answered.status} {brief(answered.body)}"
