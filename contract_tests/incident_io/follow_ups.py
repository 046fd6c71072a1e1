"""Follow-ups as the laws make and read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from contract_tests.incident_io.client import IncidentIo, Json

LIST = "/v3/follow_ups"
TITLE = "Add alerting on replica lag"


def post(incident: IncidentIo, **fields: Any) -> httpx.Response:
    return incident.send("POST", LIST, json={"incident_id": incident.incident, "title": TITLE, **fields})


def create(incident: IncidentIo, **fields: Any) -> Json:
    answer = post(incident, **fields)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()["follow_up"]
    return made


def put(incident: IncidentIo, follow_up: Json, **fields: Any) -> httpx.Response:
    body = {"title": follow_up["title"], "status": follow_up["status"], **fields}
    return incident.send("PUT", f"{LIST}/{follow_up['id']}", json=body)


def update(incident: IncidentIo, follow_up: Json, **fields: Any) -> Json:
    answer = put(incident, follow_up, **fields)
    assert answer.status_code == 200, answer.text
    changed: Json = answer.json()["follow_up"]
    return changed


def show(incident: IncidentIo, id: str) -> Json:
    shown: Json = incident.get(f"{LIST}/{id}")["follow_up"]
    return shown


def delete(incident: IncidentIo, id: str) -> httpx.Response:
    return incident.send("DELETE", f"{LIST}/{id}")


def walk(incident: IncidentIo, **query: Any) -> list[Json]:
    """The follow-ups of every page."""
    return [follow_up for page in pages(incident, **query) for follow_up in page]


def pages(incident: IncidentIo, **query: Any) -> Iterator[list[Json]]:
    query = ({"page_size": 250} if incident.shared else {}) | query
    while True:
        page = incident.get(LIST, **query)
        yield page["follow_ups"]
        meta = page["pagination_meta"]
        if "after" not in meta:
            return
        assert meta["after"] == page["follow_ups"][-1]["id"]
        query["after"] = meta["after"]


def ids(follow_ups: list[Json]) -> list[str]:
    return [follow_up["id"] for follow_up in follow_ups]
