"""Harmless changes of incident.io: endpoints, parameters, ids, values, and what HTTP leaves open."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    Json,
    answer,
    each,
    headed,
    read,
    with_body,
    with_header,
    without_query,
)
from contract_tests.mutants.compatible import (
    HTTP,
    JSON,
    always,
    chunked,
    for_head_too,
    gzipped,
    written,
)
from contract_tests.mutants.mutant import HARMLESS, INCIDENT, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of

MUTANTS = change = Chapter(HARMLESS, for_head_too)


ENDPOINTS = 'The vendor\'s page: "Adding new API endpoints and services".'


PARAMETERS = 'The vendor\'s page: "Adding optional request parameters to existing API endpoints".'


IDS = 'The vendor\'s page: "Altering the format or length of IDs".'


ENUMS = 'The vendor\'s page: "Adding new values to enums".'


def ids_longer(*prefixes: str) -> Any:
    """Ids that the vendor makes from now on are longer; callers may use them as they were told."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        short: dict[str, str] = memory.setdefault(
            "short", {}
        )  # what callers were told -> what the server says
        request = asked
        for told, real in short.items():
            if told in request.target or told.encode() in request.body:
                body = request.body.replace(told.encode(), real.encode())
                headers = (
                    request.headers
                    if body == request.body
                    else with_header(request.headers, "Content-Length", str(len(body)))
                )
                request = replace(
                    request, target=request.target.replace(told, real), body=body, headers=headers
                )
        answered = await forward(asked if request is asked else request)
        operation = operation_of(asked)
        if operation is not None and operation.name in prefixes and answered.status in (200, 201):
            for name in ("postmortem_document", "follow_up", "incident"):
                record = read(answered).get(name)
                if record is not None:
                    short.setdefault(f"{record['id']}-7f3a9c", record["id"])
        for told, real in short.items():
            if real.encode() in answered.body and told.encode() not in answered.body:
                headers = tuple((n, v.replace(real, told)) for n, v in answered.headers)
                answered = with_body(
                    replace(answered, headers=headers), answered.body.replace(real.encode(), told.encode())
                )
        return answered

    return act


async def another_endpoint(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if asked.method == "GET" and asked.path == "/v1/postmortem_templates":
        return Answered(200, (("Content-Type", "application/json"),), b'{"postmortem_templates":[]}')
    return await forward(asked)


async def another_parameter(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """?editors=false leaves the editors of documents out."""
    if matches(asked, "documents.*") and dict(asked.query).get("editors") == "false":
        answered = await forward(without_query("editors")(asked))
        return each(lambda record: record.update(editors=[]))(answered, asked)
    return await forward(asked)


def _nanoseconds(record: Json) -> None:
    for name in ("created_at", "updated_at"):
        if isinstance(record.get(name), str) and "." in record[name]:
            record[name] = record[name].removesuffix("Z").ljust(26, "0") + "001Z"


def _editor_of_a_new_role(record: Json) -> None:
    for editor in record["editors"]:
        editor["role"] = "auditor"


def _role_of_a_new_type(incident: Json) -> None:
    for assignment in incident["incident_role_assignments"]:
        if assignment["role"]["role_type"] == "custom":
            assignment["role"]["role_type"] = "observer"
        assignment["role"]["required_for"] = []


change(
    "endpoint",
    INCIDENT,
    "There is an endpoint more, /v1/postmortem_templates.",
    another_endpoint,
    promise=ENDPOINTS,
    hidden="nobody asks for it",
)


change(
    "parameter",
    INCIDENT,
    "Documents take a new optional parameter.",
    another_parameter,
    promise=PARAMETERS,
    hidden="nobody gives it",
)


change(
    "document-ids-longer",
    INCIDENT,
    "The ids of new documents are longer.",
    ids_longer("documents.import", "documents.attach"),
    promise=IDS,
)


change(
    "follow-up-ids-longer",
    INCIDENT,
    "The ids of new follow-ups are longer.",
    ids_longer("follow-ups.create"),
    promise=IDS,
)


change(
    "incident-ids-longer",
    INCIDENT,
    "The ids of new incidents are longer.",
    ids_longer("incidents.create"),
    promise=IDS,
)


change(
    "editor-role",
    INCIDENT,
    "The editors of documents have a role that is new, auditor.",
    answer(
        "documents.*", each(lambda record: _editor_of_a_new_role(record) if "editors" in record else None)
    ),
    promise=ENUMS,
)


change(
    "role-type",
    INCIDENT,
    "The roles of incidents have new properties, and custom ones a new type.",
    answer("incidents.*", each(_role_of_a_new_type)),
    promise=ENUMS,
)


change(
    "seat",
    INCIDENT,
    "Users have a seat of a new kind.",
    answer("people.*", each(lambda record: record["seats"].update(on_call="shared"))),
    promise=ENUMS,
)


change(
    "nanoseconds",
    INCIDENT,
    "Times are told to the nanosecond.",
    answer("documents.*", each(_nanoseconds)),
    promise="RFC 3339, which the page's format date-time names, does not limit the digits of a fraction.",
)


change(
    "extra-header",
    INCIDENT,
    "Every answer has X-Request-Id, Cache-Control and Server.",
    answer(
        "*",
        headed("X-Request-Id", "req-1"),
        headed("Cache-Control", "no-store"),
        headed("Server", "envoy"),
        when=always,
    ),
    promise=HTTP,
)


change(
    "etag",
    INCIDENT,
    "Records that are shown have an ETag.",
    answer("*.get", headed("ETag", 'W/"1"')),
    promise=HTTP,
)


change(
    "indented",
    INCIDENT,
    "JSON is indented.",
    written(lambda body: json.dumps(body, ensure_ascii=False, indent=2).encode()),
    promise=JSON,
)


change(
    "gzipped",
    INCIDENT,
    "Answers are compressed for those who accept that.",
    gzipped,
    promise=HTTP,
    hidden="what is said is the same",
)


change("chunked", INCIDENT, "Answers come in chunks.", chunked, promise=HTTP)
