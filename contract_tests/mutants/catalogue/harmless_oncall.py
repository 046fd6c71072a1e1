"""Harmless changes of Grafana OnCall, which promises nothing: what HTTP, JSON and its own rules leave open."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    Json,
    answer,
    each,
    headed,
    read,
    with_header,
    with_json,
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
from contract_tests.mutants.mutant import HARMLESS, ONCALL, Chapter, Forward, Memory

MUTANTS = change = Chapter(HARMLESS, for_head_too)


SILENT = "The rules name the members of this without saying that there are no others."


def headers_written(spell: Callable[[str], str], order: int = 1) -> Any:
    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        return replace(
            answered, headers=tuple((spell(name), value) for name, value in answered.headers)[::order]
        )

    return act


async def closes(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """One request a connection."""
    answered = await forward(asked)
    return replace(answered, headers=with_header(answered.headers, "Connection", "close"))


def _sort(record: Json) -> None:
    members = sorted(record.items())
    record.clear()
    record.update(members)


async def described(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if asked.method == "OPTIONS" and answered.status == 200:
        return with_json(answered, {**read(answered), "actions": {}})
    return answered


change(
    "indented",
    ONCALL,
    "JSON is indented.",
    written(lambda body: json.dumps(body, ensure_ascii=False, indent=1).encode() + b"\n"),
    promise=JSON,
)


change(
    "escaped",
    ONCALL,
    "Letters outside ASCII are escaped in JSON.",
    written(lambda body: json.dumps(body).encode()),
    promise=JSON,
)


change(
    "inner-keys-reordered",
    ONCALL,
    "Postmortems have their members from A to Z.",
    answer("postmortems.*", each(_sort)),
    promise="RFC 8259: an object is an unordered collection.",
)


change(
    "headers-lower-case",
    ONCALL,
    "Names of headers are in lower case.",
    headers_written(str.lower),
    promise=HTTP,
)


change(
    "headers-reversed",
    ONCALL,
    "Headers come in another order, and their names in capitals.",
    headers_written(str.upper, -1),
    promise=HTTP,
)


change(
    "extra-header",
    ONCALL,
    "Every answer has Server, Via and X-Request-Id.",
    answer(
        "*", headed("Server", "nginx"), headed("Via", "1.1 proxy"), headed("X-Request-Id", "1"), when=always
    ),
    promise=HTTP,
)


change("chunked", ONCALL, "Answers come in chunks.", chunked, promise=HTTP)


change(
    "gzipped",
    ONCALL,
    "Answers are compressed for those who accept that.",
    gzipped,
    promise=HTTP,
    hidden="what is said is the same",
)


change("one-request-a-connection", ONCALL, "Every answer closes its connection.", closes, promise=HTTP)


change(
    "member-of-a-group",
    ONCALL,
    "Alert groups have a member more.",
    answer("groups.*", each(lambda record: record.update(declare_incident_link=None))),
    promise=SILENT,
)


change(
    "member-of-a-user",
    ONCALL,
    "Users have a member more.",
    answer("users.*", each(lambda record: record.update(grafana_id=1))),
    promise=SILENT,
)


change("options-say-more", ONCALL, "The description of a view has a member more.", described, promise=SILENT)
