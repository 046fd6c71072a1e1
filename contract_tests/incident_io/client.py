"""One API key of incident.io, and what its answers must look like."""

from __future__ import annotations

import time
from typing import Any

import httpx

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
    def __init__(self, http: httpx.Client, key: str | None, incident: str, *, patient: bool = False) -> None:
        self.http = http
        self.key = key
        self.incident = incident
        self.patient = patient

    def with_key(self, key: str | None, incident: str | None = None) -> IncidentIo:
        """The same API through another key, None for none."""
        return IncidentIo(self.http, key, incident or self.incident, patient=self.patient)

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """A request with the key, unless the headers say otherwise."""
        own = {} if self.key is None else {"Authorization": f"Bearer {self.key}"}
        request["headers"] = own | request.get("headers", {})
        answer = self.http.request(method, path, **request)
        if answer.status_code == 429 and self.patient:  # of a target whose limits are not ours to turn off
            time.sleep(int(answer.headers.get("Retry-After", 60)) + 1)
            answer = self.http.request(method, path, **request)
        return answer

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
    """The single errors of an answer that refuses with this status, type, and these codes."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert (body["type"], body["status"]) == (kind, status)
    errors: list[Json] = body["errors"]
    assert [error["code"] for error in errors] == list(codes)
    return errors
