"""One API key of incident.io, and what its answers must look like."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from contract_tests.shared import alike

Json = dict[str, Any]

JSON = {"Content-Type": "application/json"}
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
SCOPE = "in_app_postmortems.import"
VALID = {"title": "INC-123: Post-incident review", "content": "## Summary\n\nThe disk was full.\n"}
FIELDS = {
    "id",
    "incident_id",
    "title",
    "status",
    "created_at",
    "updated_at",
    "document_url",
    "exported_urls",
    "editors",
    "type",
}


def at(incident: str) -> str:
    return f"/v2/incidents/{incident}/actions/import_postmortem_document"


class IncidentIo:
    def __init__(self, http: httpx.Client, key: str | None, incident: str, *, shared: bool = False) -> None:
        self.http = http
        self.key = key
        self.incident = incident
        self.shared = shared  # with other people, who use the deployment too

    def with_key(self, key: str | None, incident: str | None = None) -> IncidentIo:
        """The same API through another key, None for none."""
        return IncidentIo(self.http, key, incident or self.incident, shared=self.shared)

    def known(self, document: Json) -> Json:
        """A document; of a real deployment what is published of it, since more may come and change by itself."""
        return {name: document[name] for name in FIELDS} if self.shared else document

    def same(self, one: Any, other: Any) -> bool:
        return alike(one, other, strict=not self.shared)

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """A request with the key, unless the headers say otherwise."""
        own = {} if self.key is None else {"Authorization": f"Bearer {self.key}"}
        request["headers"] = own | request.get("headers", {})
        return self.http.request(method, path, **request)

    def post(self, body: Any = VALID, incident: str | None = None, **request: Any) -> httpx.Response:
        return self.send("POST", at(incident or self.incident), json=body, **request)

    def post_raw(
        self,
        body: bytes,
        content_type: str | None = "application/json",
        incident: str | None = None,
        **headers: str,
    ) -> httpx.Response:
        if content_type is not None:
            headers["Content-Type"] = content_type
        return self.send("POST", at(incident or self.incident), content=body, headers=headers)

    def get(self, path: str, **query: Any) -> Json:
        """The JSON of an answer that is a 200."""
        answer = self.send("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def document(self, **fields: str) -> Json:
        """The document that an import answers."""
        answer = self.post(VALID | fields)
        assert answer.status_code == 201, answer.text
        document: Json = answer.json()["postmortem_document"]
        return document


def refused(answer: httpx.Response, status: int, kind: str, *codes: str) -> list[Json]:
    """The single errors of an answer that refuses with this status, type, and these codes.

    Only what the vendor has published of them: more may come at any time (Compatibility).
    """
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert (body["type"], body["status"]) == (kind, status)
    errors: list[Json] = body["errors"]
    assert [error["code"] for error in errors] == list(codes)
    return [published(error) for error in errors]


def published(error: Json) -> Json:
    known: Json = {name: error[name] for name in ("code", "message", "source", "metadata") if name in error}
    if isinstance(known.get("source"), dict):
        known["source"] = {
            name: value for name, value in known["source"].items() if name in ("field", "pointer")
        }
    return known


class Workflow:
    """One API key and the operations around the import."""

    def __init__(self, key: IncidentIo) -> None:
        self.key = key

    def same(self, one: Any, other: Any) -> bool:
        return self.key.same(one, other)

    def get(self, path: str, query: Any = None) -> httpx.Response:
        return self.key.send("GET", path, params=query)

    def read(self, path: str, query: Any = None) -> Json:
        """The JSON of an answer that has to be 200."""
        answer = self.get(path, query)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def listed(self, *filters: tuple[str, str], size: int = 250) -> list[Json]:
        """Every incident that passes the filters, over all pages."""
        return self.all("/v2/incidents", "incidents", *filters, size=size)

    def all(self, path: str, name: str, *query: tuple[str, str], size: int = 250) -> list[Json]:
        """The records of every page of a list."""
        found: list[Json] = []
        after: list[tuple[str, str]] = []
        while True:
            body = self.read(path, [*query, ("page_size", str(size)), *after])
            found += body[name]
            if "after" not in body["pagination_meta"]:
                return found
            assert len(body[name]) == size
            after = [("after", body["pagination_meta"]["after"])]

    def create(self, **body: Any) -> httpx.Response:
        return self.key.send("POST", "/v2/incidents", json=body)

    def opened(self, **more: Any) -> Json:
        """A new test incident."""
        body = {"idempotency_key": uuid4().hex, "visibility": "public", "mode": "test"}
        answer = self.create(**body, **{"severity_id": self.severity("Minor"), **more})
        assert answer.status_code == 200, answer.text
        incident: Json = answer.json()["incident"]
        return incident

    def edit(self, incident: str, **changes: Any) -> httpx.Response:
        body = {"incident": changes, "notify_incident_channel": False}
        return self.key.send("POST", f"/v2/incidents/{incident}/actions/edit", json=body)

    def edited(self, incident: str, **changes: Any) -> Json:
        answer = self.edit(incident, **changes)
        assert answer.status_code == 200, answer.text
        after: Json = answer.json()["incident"]
        return after

    def share(self, incident: str, **update: Any) -> httpx.Response:
        body = {"idempotency_key": uuid4().hex, "incident_id": incident, **update}
        return self.key.send("POST", "/v2/incident_updates", json=body)

    def updates(self, incident: str) -> list[Json]:
        return self.all("/v2/incident_updates", "incident_updates", ("incident_id", incident))

    def id_of(self, path: str, name: str, plural: str) -> str:
        """The id of what is configured under a name."""
        found = [item["id"] for item in self.read(path)[plural] if item["name"] == name]
        if not found:
            pytest.skip(f"not judged: the target has no {name!r} in {path}")
        id_: str = found[0]
        return id_

    def severity(self, name: str) -> str:
        return self.id_of("/v1/severities", name, "severities")

    def status(self, name: str) -> str:
        return self.id_of("/v1/incident_statuses", name, "incident_statuses")

    def role(self, name: str) -> str:
        return self.id_of("/v2/incident_roles", name, "incident_roles")

    def field(self, name: str) -> str:
        return self.id_of("/v2/custom_fields", name, "custom_fields")

    def timestamp(self, name: str) -> str:
        return self.id_of("/v2/incident_timestamps", name, "incident_timestamps")
