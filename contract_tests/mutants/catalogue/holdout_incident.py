"""A holdout: defects of incident.io's API that were written after the suite was frozen, without a look at its tests.

The holdout figure in docs/contract-testing.md was taken before any law was written for them, and is never added to that
of the others. Before each stands what it breaks: a rule, or what plain sense or HTTP asks for.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    Json,
    ask,
    bare,
    caller,
    other,
    read,
    records,
    requery,
    sending,
    with_body,
    with_header,
    with_json,
    without_query,
)
from contract_tests.mutants.mutant import INCIDENT, Act, Forward, Memory, Mutant
from contract_tests.mutants.operations import matches, operation_of

MUTANTS: list[Mutant] = []
Pairs = list[tuple[str, str]]


def defect(name: str, about: str, sentence: str, act: Act, *, hidden: str = "") -> None:
    MUTANTS.append(Mutant(f"incident-holdout-{name}", about, (INCIDENT,), sentence, act, hidden=hidden))


async def status_for_its_writer(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    old: dict[str, tuple[str, Json]] = memory.setdefault("old", {})
    if matches(asked, "documents.put"):
        before = await forward(other(asked, "GET", bare(asked)))
        answered = await forward(asked)
        if before.status == answered.status == 200:
            record = next(records(read(before)))
            seen = {"status": record["status"], "updated_at": record["updated_at"]}
            old[record["id"]] = (caller(asked), seen)
        return answered
    answered = await forward(asked)
    if not matches(asked, "documents.get documents.list") or answered.status != 200:
        return answered
    body = read(answered)
    for record in records(body):
        writer, seen = old.get(record["id"], (caller(asked), {}))
        record.update(seen if writer != caller(asked) else {})
    return with_json(answered, body)


# status.update (documented): the document is in the new status from then on, for every key of the organisation.
defect(
    "status-for-its-writer",
    "isolation",
    "A document's new status is shown to the key that gave it and to no other of its organisation.",
    status_for_its_writer,
    hidden="only another key of the organisation shows it",
)


def _read_in_blocks(asked: Asked) -> Asked:
    """Blocks of 4096 bytes are decoded one by one; a letter that lies across the first two falls apart."""
    first, rest = asked.body[:4096], asked.body[4096:]
    if not rest or rest[0] & 0xC0 != 0x80:
        return asked
    return sending(asked, (first.decode("utf-8", "replace") + rest.decode("utf-8", "replace")).encode())


# import.any-markdown (assumed): what is imported is kept, in any script and of any length.
defect(
    "letter-across-blocks",
    "text",
    "A letter of several bytes that lies across the end of an import's first 4096 bytes is lost.",
    ask("documents.import", _read_in_blocks),
    hidden="no letter in the conversation lies there",
)


async def refused_edit_is_kept_in_part(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    body = read(asked) if matches(asked, "incidents.edit") and answered.status == 422 else None
    given = body.get("incident") if isinstance(body, dict) else None
    if isinstance(body, dict) and isinstance(given, dict) and "notify_incident_channel" in body:
        good = {name: given[name] for name in ("name", "summary") if isinstance(given.get(name), str)}
        if good:
            edit = {"incident": good, "notify_incident_channel": False}
            await forward(other(asked, "POST", bare(asked), edit))
    return answered


# Plain sense: what is refused with 422 changes nothing.
defect(
    "refused-edit-in-part",
    "persistence",
    "An edit that is refused for its severity or status has changed the name and summary all the same.",
    refused_edit_is_kept_in_part,
    hidden="no edit in the conversation is refused for a part of it",
)


async def newest_becomes_main(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    newest: dict[str, str] = memory.setdefault("newest", {})
    answered = await forward(asked)
    body = read(answered) if answered.status in (200, 201) else None
    if body is None or not matches(asked, "documents.import incidents.*"):
        return answered
    for record in records(body):
        if matches(asked, "documents.import"):
            newest[record["incident_id"]] = record["document_url"]
        elif record["id"] in newest:
            record["postmortem_document_url"] = newest[record["id"]]
    return with_json(answered, body)


# The page: an import becomes the main document "if no main postmortem document exists for the incident".
defect(
    "newest-is-main",
    "links",
    "Every import becomes the main document of its incident, whether there is one already or not.",
    newest_becomes_main,
)


async def reading_touches(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    touched: dict[str, str] = memory.setdefault("touched", {})
    answered = await forward(asked)
    operation = operation_of(asked)
    if operation is None or answered.status != 200:
        return answered
    if operation.name == "documents.content":
        touched[operation.id] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}".rstrip("0").rstrip(".") + "Z"
    elif operation.name == "documents.put":
        touched.pop(operation.id, None)
    elif matches(asked, "documents.get documents.list"):
        body = read(answered)
        for record in records(body):
            record["updated_at"] = touched.get(record["id"], record["updated_at"])
        return with_json(answered, body)
    return answered


# Plain sense: reading is no update (HTTP calls GET safe).
defect(
    "reading-touches",
    "persistence",
    "Reading the content of a document moves its updated_at.",
    reading_touches,
)


async def refused_key_is_used_up(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    refused: dict[tuple[str, str], Asked] = memory.setdefault("refused", {})
    body = read(asked) if matches(asked, "incidents.create") else None
    key = body.get("idempotency_key") if isinstance(body, dict) else None
    if not isinstance(key, str):
        return await forward(asked)
    asked = refused.get((caller(asked), key), asked)
    answered = await forward(asked)
    if answered.status == 422:
        refused[caller(asked), key] = asked
    return answered


# create.idempotent (documented): a key is there to de-duplicate creates; what was refused has created nothing.
defect(
    "refused-key-used-up",
    "input",
    "An idempotency_key whose first request was refused is answered that refusal ever after.",
    refused_key_is_used_up,
    hidden="no key in the conversation is used again after a refusal",
)


def _small_hex_unknown(asked: Asked) -> Asked:
    path, _, query = asked.target.partition("?")
    kept = [part for part in query.split("&") if "%5b" not in part.partition("=")[0]]
    return asked if "%5b" not in query else replace(asked, target=f"{path}?{'&'.join(kept)}")


# RFC 3986, 6.2.2.1: %5b and %5B are the same.
defect(
    "brackets-small-hex",
    "encoding and size",
    "Filters of incidents whose brackets are encoded in lower case, as %5b and %5d, are ignored.",
    ask("incidents.list", _small_hex_unknown),
    hidden="nobody in the conversation encodes brackets",
)


def _two_of_each(pairs: Pairs) -> Pairs:
    return [
        (name, value)
        for place, (name, value) in enumerate(pairs)
        if not name.endswith("[one_of]") or sum(name == before for before, _ in pairs[:place]) < 2
    ]


# incidents.filter-one-of (documented) lists what has one of the values, however many they are.
defect(
    "one-of-two",
    "filters",
    "Of more than two values of a one_of the first two count.",
    ask("incidents.list", requery(_two_of_each)),
    hidden="no filter in the conversation has three values",
)


async def a_write_forgets_after(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    begun: dict[str, int] = memory.setdefault("begun", {})
    written = memory.get("written", 0)
    first = all(name != "after" for name, _ in asked.query)
    if matches(asked, "documents.list") and first:
        begun[caller(asked)] = written
    elif matches(asked, "documents.list") and begun.get(caller(asked), written) != written:
        asked = without_query("after")(asked)
    answered = await forward(asked)
    if matches(asked, "documents.import") and answered.status == 201:
        memory["written"] = written + 1
    return answered


# documents.walk (documented): after leads through all pages, and shows every document once.
defect(
    "write-forgets-after",
    "pages",
    "If a document is imported between two pages of documents, the second page is the first again.",
    a_write_forgets_after,
    hidden="nothing in the conversation is imported between two pages",
)


def _in_auckland(name: str, value: str) -> str:
    found = re.fullmatch(r"(?:created|updated)_at\[([gl])te\]", name)
    if not found or not re.fullmatch(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}", value):
        return value
    return f"{value}T00:00:00+12:00" if found[1] == "g" else f"{value}T23:59:59.999999+12:00"


# follow-up.filter-time-ends (assumed): a date is the whole day in UTC.
defect(
    "day-of-auckland",
    "filters",
    "A day in a filter on follow-ups begins and ends twelve hours earlier, as in Auckland.",
    ask(
        "follow-ups.list", requery(lambda pairs: [(name, _in_auckland(name, value)) for name, value in pairs])
    ),
    hidden="the one day in the conversation has no follow-up in those hours",
)


async def history_is_rewritten(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    now: dict[str, Json] = memory.setdefault("now", {})
    answered = await forward(asked)
    body = read(answered) if answered.status in (200, 201) else None
    if body is None or not matches(asked, "updates.*"):
        return answered
    for record in records(body):
        if matches(asked, "updates.create"):
            now[record["incident_id"]] = record.get("new_severity", now.get(record["incident_id"]))
        elif "new_severity" in record and now.get(record["incident_id"]):
            record["new_severity"] = now[record["incident_id"]]
    return with_json(answered, body)


# updates.first (observed): an update has the severity that it moved to, which a later one does not change.
defect(
    "history-rewritten",
    "persistence",
    "Older updates of an incident show the severity that it was moved to last.",
    history_is_rewritten,
)


async def type_in_capitals(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    kind = (asked.header("Content-Type") or "").partition(";")[0].strip()
    if operation_of(asked) is None or not asked.body or kind == kind.lower():
        return await forward(asked)
    refused = replace(asked, headers=with_header(asked.headers, "Content-Type", "text/plain"))
    answered = await forward(refused)
    return with_body(answered, answered.body.replace(b"text/plain", kind.encode("ascii", "replace")))


# RFC 9110, 8.3.1: the case of a media type makes no difference.
defect(
    "type-in-capitals",
    "input",
    "A Content-Type with a capital, Application/JSON for one, is not supported.",
    type_in_capitals,
    hidden="nobody in the conversation writes a type so",
)
