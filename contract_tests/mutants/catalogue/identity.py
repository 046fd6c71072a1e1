"""Ids that are used twice, found too easily, or name something else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import Json, answer, bare, each, read, records, said, with_json
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Act, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of

MUTANTS = defect = Chapter("identity")


def rewritten(message: Any, old: str, new: str) -> Any:
    """A message in which one id stands for another."""
    if isinstance(message, Asked):
        target = message.target.replace(old, new)
        return replace(message, target=target, body=message.body.replace(old.encode(), new.encode()))
    headers = tuple((name, value.replace(old, new)) for name, value in message.headers)
    return replace(message, headers=headers, body=message.body.replace(old.encode(), new.encode()))


async def ids_are_used_again(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """The next postmortem gets the id of the one that was deleted last."""
    mine: dict[str, str] = memory.setdefault("mine", {})  # what callers say -> what the server behind says
    free: list[str] = memory.setdefault("free", [])
    operation = operation_of(asked)
    request = asked
    for said_id, real in mine.items():
        request = rewritten(request, said_id, real)
    answered = await forward(asked if request == asked else request)
    if operation is not None and operation.name == "postmortems.create" and answered.status == 201 and free:
        mine[free.pop()] = read(answered)["id"]
    elif operation is not None and operation.name == "postmortems.delete" and answered.status == 204:
        mine.pop(operation.id, None)
        free.append(operation.id)
        return answered
    for said_id, real in mine.items():
        answered = rewritten(answered, real, said_id)
    return answered


def found_if(where: str, spelled: Any) -> Act:
    """A record that is not there by its id is looked up under another spelling of it."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        operation = operation_of(asked)
        if operation is None or answered.status != 404 or not matches(asked, where):
            return answered
        other = spelled(operation.id)
        if not other or other == operation.id:
            return answered
        return await forward(replace(asked, target=asked.target.replace(operation.id, other)))

    return act


def same_again(where: str) -> Act:
    """The second create answers the id of the first."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        if not matches(asked, where) or answered.status not in (200, 201):
            return answered
        body = read(answered)
        for record in records(body):
            first = memory.setdefault("first", record["id"])
            changed: Answered = rewritten(answered, record["id"], first)
            return changed
        return answered

    return act


async def request_ids_repeat(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    body = read(answered) if answered.status >= 400 else None
    if isinstance(body, dict) and "request_id" in body:
        return with_json(
            answered, {**body, "request_id": memory.setdefault("request_id", body["request_id"])}
        )
    return answered


async def numbers_repeat(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Incidents that are opened all have the same reference."""
    answered = await forward(asked)
    if matches(asked, "incidents.create") and answered.status == 200:
        body = read(answered)
        body["incident"]["reference"] = memory.setdefault("reference", body["incident"]["reference"])
        return with_json(answered, body)
    return answered


def _incident_is_the_document(record: Json) -> None:
    record["incident_id"] = record["id"]


def _title_is_the_content(answered: Answered, asked: Asked) -> Answered:
    body, sent = read(answered), read(asked)
    body["postmortem_document"]["title"] = sent["content"]
    return with_json(answered, body)


def _group_of_the_list(body: Json) -> None:
    for row in body["results"][1:]:
        row["alert_group_id"] = body["results"][0]["alert_group_id"]


defect("id-used-again", ONCALL, "A new postmortem gets the id of one that was deleted.", ids_are_used_again)
defect(
    "id-any-case",
    ONCALL,
    "A postmortem is found by its id in lower case.",
    found_if("postmortems.get postmortems.put postmortems.delete", str.upper),
)
defect(
    "id-with-zeros",
    ONCALL,
    "A note is found by its id with more after it.",
    found_if("notes.get", lambda id_: id_[:13]),
)
defect(
    "same-id",
    ONCALL,
    "Every create of a postmortem answers the id of the first.",
    same_again("postmortems.create"),
)
defect(
    "id-prefix",
    ONCALL,
    "The id of a new postmortem begins with M.",
    answer("postmortems.create", each(lambda row: row.update(id="M" + row["id"][1:]))),
)
defect(
    "list-one-group",
    ONCALL,
    "Listed postmortems all name the alert group of the first.",
    answer("postmortems.list", said(_group_of_the_list)),
)
defect(
    "current-user-another",
    ONCALL,
    "The current user is always the first.",
    answer(
        "users.get",
        lambda answered, asked: (
            with_json(answered, {**read(answered), "id": "UEDITR1PAGE11"})
            if bare(asked).rstrip("/").endswith("current")
            else answered
        ),
    ),
)

defect("same-id", INCIDENT, "Every import answers the id of the first.", same_again("documents.import"))
defect(
    "follow-up-same-id",
    INCIDENT,
    "Every new follow-up has the id of the first.",
    same_again("follow-ups.create"),
)
defect(
    "wrong-incident",
    INCIDENT,
    "An import answers another incident_id.",
    answer("documents.import", each(_incident_is_the_document)),
)
defect(
    "title-is-content",
    INCIDENT,
    "The title of an import is its content.",
    answer("documents.import", _title_is_the_content),
)
defect(
    "id-lower-case",
    INCIDENT,
    "The ids of new documents are in lower case.",
    answer("documents.import", each(lambda record: record.update(id=record["id"].lower()))),
)
defect(
    "id-any-case",
    INCIDENT,
    "A document is found by its id in lower case.",
    found_if("documents.get documents.content", str.upper),
    hidden="only a lower-case id shows it",
)
defect(
    "show-by-prefix",
    INCIDENT,
    "An incident is found by its reference with INC.",
    found_if("incidents.get", lambda id_: id_.removeprefix("INC-")),
    hidden="only a reference for an id shows it",
)
defect("request-id-repeats", INCIDENT, "Every error has the same request_id.", request_ids_repeat)
defect("reference-repeats", INCIDENT, "Every new incident has the same reference.", numbers_repeat)
defect(
    "follow-up-incident",
    INCIDENT,
    "A new follow-up names no incident of its own.",
    answer("follow-ups.create", each(lambda record: record.update(incident_id=record["id"]))),
)
