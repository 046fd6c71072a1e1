"""Follow-ups: what the answers about them must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract_tests.model.incident_io_documents import show
from contract_tests.model.incident_io_memory import NEVER, Call, Memory
from contract_tests.model.incident_io_records import Held, known, moment
from contract_tests.model.incident_io_refused import not_found, refused
from contract_tests.model.shadow import brief

Json = dict[str, Any]
WRAP = "follow_up"
# What a body names by an id, and what is shown of it.
NAMING = {
    "assignee_id": "assignee",
    "assignee_team_id": "assignee_team",
    "follow_up_priority_option_id": "priority",
    "follow_up_category_id": "category",
}
ISSUE = "external_issue_reference_id"


def shown(memory: Memory, call: Call) -> Iterator[str]:
    yield from show(memory, call, "follow_ups", WRAP, "follow-up.unknown")


def _names(call: Call) -> bool | None:
    """Whether everything that the body names is there; None if that is not known."""
    given = [call.body[name] for name in (*NAMING, ISSUE) if call.body.get(name) is not None]
    if any(id_ == "" or id_ in NEVER for id_ in given):
        return False
    return True if all(id_ in call.own.people for id_ in given) else None


def created(memory: Memory, call: Call) -> Iterator[str]:
    own, id_ = call.own, call.body["incident_id"]
    there, names = memory.is_there(own, "incidents", id_), _names(call)
    if there is False or (memory.strict and (id_ == "" or id_.isdecimal())):
        if names is True or call.status < 400:
            yield from not_found(
                call.answered, "follow-up.unknown", f"{id_!r} is no incident of this organisation"
            )
        return
    if names is False and there:
        yield from refused(
            call.answered, "follow-up.refused", "it names what is not there", 422, "invalid_value"
        )
        return
    if call.status != 201:
        if there and names and call.body["title"].strip():
            yield f"follow-up.create: answers {call.status}, not 201, to a valid create"
        return
    record = call.said.get(WRAP)
    wrong = list(memory.form("follow_ups", record))
    yield from wrong
    if wrong:
        return
    body = known(record)
    expected: Json = {
        "incident_id": id_,
        "title": call.body["title"],
        "status": "outstanding",
        "labels": call.body.get("labels") or [],
    }
    yield from _holds("follow-up.create", body, {**expected, **_text(call)})
    yield from _named("follow-up.create", body, call)
    for name in ("description", *NAMING.values(), "completed_at"):
        asked = next((member for member, shown_as in NAMING.items() if shown_as == name), name)
        if name in body and call.body.get(asked) is None:
            yield f"follow-up.optional: has {name} {brief(body[name], 60)}, which was not given"
    yield from actor(call, body["creator"], "follow-up.create")
    if moment(body["created_at"]) != moment(body["updated_at"]):
        yield f"follow-up.times: updated_at {body['updated_at']} is not created_at {body['created_at']}"
    yield from memory.make(call, "follow_ups", body)
    memory.homes.setdefault(("incidents", id_), own.name)
    own.touch(id_)


def actor(call: Call, said: Json, rule: str) -> Iterator[str]:
    """Whoever did it was the key; the same one for all that one key does."""
    if not isinstance(said.get("api_key"), dict):
        yield f"{rule}: it was {brief(said)} and not the key"
        return
    first = call.own.actor.setdefault(call.caller.key, said)
    if first != said:
        yield f"{rule}: it was {brief(said)}, and {brief(first)} with the same key before"
    for key, other in call.own.actor.items():
        if key != call.caller.key and other == said:
            yield f"{rule}: it was {brief(said)}, which is another key"


def _text(call: Call) -> Json:
    return {"description": call.body["description"]} if call.body.get("description") else {}


def _holds(rule: str, body: Json, expected: Json) -> Iterator[str]:
    for name, value in expected.items():
        if body.get(name) != value:
            yield f"{rule}: {name} is {brief(body.get(name))}, not {brief(value)}"


def _named(rule: str, body: Json, call: Call) -> Iterator[str]:
    for member, name in NAMING.items():
        given = call.body.get(member)
        if given is not None and (body.get(name) or {}).get("id") != given:
            yield f"{rule}: {name} is {brief(body.get(name))}, not {given}"


def changed(memory: Memory, call: Call) -> Iterator[str]:
    own, id_ = call.own, call.operation.id
    there, names = memory.is_there(own, "follow_ups", id_), _names(call)
    if call.body["status"] == "deleted":
        if there:
            rule = "follow-up.status-deleted" if call.status < 400 else "follow-up.refused"
            yield from refused(call.answered, rule, "an update cannot delete", 422)
        return
    if there is False:
        if names is True or call.status < 400:
            yield from not_found(
                call.answered, "follow-up.unknown", f"{id_} is not there for this organisation"
            )
        return
    held = own.held("follow_ups", id_)
    if there and names is False:
        yield from refused(
            call.answered, "follow-up.refused", "it names what is not there", 422, "invalid_value"
        )
        return
    gone = held is not None and held.body["status"] == "deleted"
    if call.status != 200:
        if there and names and call.body["title"].strip() and not gone:
            yield f"follow-up.update: answers {call.status}, not 200, to a valid update"
        return
    record = call.said.get(WRAP)
    wrong = list(memory.form("follow_ups", record))
    yield from wrong
    if wrong:
        return
    body = known(record)
    if body["id"] != id_:
        yield f"follow-up.update: answers with {body['id']} for {id_}"
        return
    given = {"title": call.body["title"], "status": call.body["status"], **_text(call)}
    if call.body.get("labels") is not None:
        given["labels"] = call.body["labels"]
    yield from _holds("follow-up.update", body, given)
    yield from _named("follow-up.update", body, call)
    if held is not None:
        yield from _times(held, body)
        _expect(held, given, call, body)
    own.touch(body["incident_id"])
    yield from memory.take(own, "follow_ups", body, "follow-up.update")


def _expect(held: Held, given: Json, call: Call, body: Json) -> None:
    """What the follow-up is to be after the update, where that is known."""
    expected = {**held.body, **given}
    for member, name in NAMING.items():
        value = call.body.get(member)
        if value is not None:
            if (held.body.get(name) or {}).get("id") != value and name in body:
                expected[name] = body[name]
        elif member in call.body and name.startswith("assignee"):
            expected.pop(name, None)
    if call.body.get("description") == "":
        held.loose.add("description")
    held.body = expected
    held.loose.update(("updated_at", "completed_at"))


def _times(held: Held, body: Json) -> Iterator[str]:
    then, now = moment(held.body["updated_at"]), moment(body["updated_at"])
    if then and now and now <= then:
        yield f"follow-up.times: updated_at {body['updated_at']} is not after {held.body['updated_at']}"
    if held.body["status"] == "deleted":
        return  # what becomes of completed_at of what comes back, nobody says
    before = held.body.get("completed_at") if held.body["status"] == "completed" else body["updated_at"]
    expected = before if body["status"] == "completed" else None
    if body.get("completed_at") != expected:
        yield f"follow-up.times: completed_at is {brief(body.get('completed_at'))}, not {brief(expected)}"


def deleted(memory: Memory, call: Call) -> Iterator[str]:
    own, id_ = call.own, call.operation.id
    there = memory.is_there(own, "follow_ups", id_)
    if there is False:
        yield from not_found(call.answered, "follow-up.unknown", f"{id_} is not there for this organisation")
        return
    held = own.held("follow_ups", id_)
    gone = held is not None and held.body["status"] == "deleted"
    if call.status == 404 and (there is None or (gone and not memory.strict)):
        return
    if call.status != 204 or call.answered.body:
        rule = "follow-up.deleted" if gone else "follow-up.delete"
        yield f"{rule}: answers {call.status} with {brief(call.answered.body)}, not 204 without a body"
        return
    memory.homes["follow_ups", id_] = own.name
    if held is not None and not gone:
        held.body = {**held.body, "status": "deleted"}
        held.loose.add("updated_at")
        own.touch(held.body["incident_id"])
