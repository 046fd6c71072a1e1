"""Incidents and their updates: what the answers about them must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract_tests.model.incident_io_documents import show
from contract_tests.model.incident_io_follow_ups import actor
from contract_tests.model.incident_io_memory import NEVER, Call, Memory, Organisation
from contract_tests.model.incident_io_records import Held, known, moment
from contract_tests.model.incident_io_refused import not_found, refused
from contract_tests.model.shadow import brief

Json = dict[str, Any]
COMPLICATED = ("custom_field_entries", "incident_role_assignments", "incident_timestamp_values")
NEEDS_MORE = (*COMPLICATED, "retrospective_incident_options", "slack_channel_name_override", "slack_team_id")
ONWARD = {
    ("triage", "learning"),
    ("triage", "closed"),
    ("live", "learning"),
    ("live", "closed"),
    ("learning", "closed"),
}


def shown(memory: Memory, call: Call) -> Iterator[str]:
    """By id, and by the number in the reference."""
    own, id_ = call.own, call.operation.id
    if not id_.isdecimal():
        yield from show(memory, call, "incidents", "incident", "incidents.show-unknown")
        return
    if call.status != 200:
        of_it = [h for h in own.records["incidents"].held.values() if h.body["reference"] == f"INC-{id_}"]
        if of_it and (of_it[0].made or not memory.shared):
            yield f"incidents.show: answers {call.status} for the number {id_} of {of_it[0].body['id']}"
        return
    record = call.said.get("incident")
    wrong = list(memory.form("incidents", record))
    yield from wrong
    if not wrong:
        body = known(record)
        if body["reference"] != f"INC-{id_}":
            yield f"incidents.show: shows {body['reference']} for the number {id_}"
        yield from memory.take(own, "incidents", body)


def _sure(own: Organisation, *ids: str | None) -> bool | None:
    """Whether all of what is named exists; None if that is not known."""
    if any(id_ == "" or id_ in NEVER for id_ in ids):
        return False
    return True if all(id_ is None or id_ in own.named for id_ in ids) else None


def _more(body: Json) -> bool:
    """Whether there are members whose meaning is beyond this model."""
    return any(body.get(name) is not None for name in NEEDS_MORE)


def opened(memory: Memory, call: Call) -> Iterator[str]:
    own, body = call.own, call.body
    before = own.opened.get(body["idempotency_key"])
    if before is not None:
        yield from _again(memory, call, before)
        return
    status_id, severity_id, type_id = (
        body.get(name) for name in ("incident_status_id", "severity_id", "incident_type_id")
    )
    sure = _sure(own, status_id, severity_id, type_id)
    status = own.named.get(status_id) if status_id else None
    triage = (status or {}).get("category") == "triage" or (type_id is not None) or (status_id and not status)
    if severity_id is None and not triage and not _more(body):
        yield from refused(call.answered, "create.severity", "there is no severity", 422, "is_required")
        return
    if sure is False and not _more(body):
        yield from refused(call.answered, "create.unknown-ids", "it names what is not there", 422)
        return
    if call.status != 200:
        simple = not _more(body) and body["idempotency_key"]
        if sure and severity_id and simple and body.get("mode") != "tutorial":
            yield f"create.answer: answers {call.status}, not 200, to a valid create"
        return
    record = call.said.get("incident")
    wrong = list(memory.form("incidents", record))
    yield from wrong
    if wrong:
        return
    incident = known(record)
    yield from _as_sent(memory, call, incident)
    yield from actor(call, incident["creator"], "create.creator")
    number = incident["reference"].removeprefix("INC-")
    for held in own.records["incidents"].held.values():
        other = held.body["reference"].removeprefix("INC-")
        if number.isdecimal() and other.isdecimal() and int(number) <= int(other):
            yield f"create.defaults: its number is {number}, and {other} is there already"
            break
    yield from memory.make(call, "incidents", incident)
    yield from memory.take(own, "incidents", incident)
    own.opened[body["idempotency_key"]] = incident["id"]
    own.first[incident["id"]] = incident
    own.records["updates"].whole.clear()  # its first update is there, under an id that nobody told
    empty = frozenset({f"incident_id {incident['id']}"})
    own.records["documents"].whole.append(empty)


def _as_sent(memory: Memory, call: Call, incident: Json) -> Iterator[str]:
    body = call.body
    expected: Json = {"visibility": body["visibility"], "mode": body.get("mode") or "standard"}
    expected |= {name: body[name] for name in ("name", "summary") if body.get(name)}
    for name, value in expected.items():
        if incident.get(name) != value:
            yield f"create.answer: {name} is {brief(incident.get(name))}, not {brief(value)}"
    if not incident["name"]:
        yield "create.name: has no name"
    for name, shown_as in (
        ("severity_id", "severity"),
        ("incident_status_id", "incident_status"),
        ("incident_type_id", "incident_type"),
    ):
        if body.get(name) is not None and (incident.get(shown_as) or {}).get("id") != body[name]:
            yield f"create.answer: {shown_as} is {brief(incident.get(shown_as))}, not {body[name]}"
    if incident.get("postmortem_document_ids") or ("postmortem_document_url" in incident and not _more(body)):
        yield f"incidents.documents: is new and has documents {brief(incident.get('postmortem_document_ids'))}"
    if body.get("incident_role_assignments") is None:
        held = [a for a in incident["incident_role_assignments"] if "assignee" in a]
        if held:
            yield f"create.creator: has somebody in a role: {brief(held)}"


def _again(memory: Memory, call: Call, before: str) -> Iterator[str]:
    """A create with an idempotency key that was used."""
    said = call.said.get("incident")
    if call.status != 200 or not isinstance(said, dict) or said.get("id") != before:
        yield f"create.idempotent: answers {call.status} with {brief(said)}, not the first incident {before}"
        return
    held, incident = call.own.held("incidents", before), known(said)
    if incident == call.own.first[before] or held is None:
        return
    wrong = list(memory.form("incidents", incident))
    yield from wrong
    if not wrong:
        yield from memory.take(call.own, "incidents", incident, "create.idempotent")


def edited(memory: Memory, call: Call) -> Iterator[str]:
    own, id_ = call.own, call.operation.id
    there = memory.is_there(own, "incidents", id_)
    if there is False:
        yield from not_found(call.answered, "incident.unknown", f"{id_} is no incident of this organisation")
        return
    given = {name: value for name, value in call.body["incident"].items() if value is not None}
    held = own.held("incidents", id_)
    texts = {name: given[name] for name in ("name", "summary", "call_url") if name in given}
    odd = any(not isinstance(value, str) or not value for value in texts.values())
    complicated = odd or any(name in given for name in NEEDS_MORE)
    ids = [given.get(name) for name in ("severity_id", "incident_status_id")]
    sure = None if any(not isinstance(i, str | None) for i in ids) else _sure(own, *ids)
    if there and sure is False and not complicated:
        yield from refused(call.answered, "create.unknown-ids", "it names what is not there", 422)
        return
    may = _may_move(own, held, given.get("incident_status_id"))
    if may is False and not complicated:
        yield from refused(call.answered, "edit.no-move", "this status cannot follow", 422)
        return
    if call.status != 200:
        if there and sure and may and held and not complicated:
            yield f"edit.only-given: answers {call.status}, not 200, to a valid edit"
        return
    record = call.said.get("incident")
    wrong = list(memory.form("incidents", record))
    yield from wrong
    if wrong:
        return
    incident = known(record)
    if incident["id"] != id_ and not id_.isdecimal():
        yield f"edit.only-given: answers with {incident['id']} for {id_}"
        return
    for name, value in texts.items():
        if isinstance(value, str) and value and incident.get(name) != value:
            yield f"edit.only-given: {name} is {brief(incident.get(name))}, not {brief(value)}"
    for name, shown_as in (("severity_id", "severity"), ("incident_status_id", "incident_status")):
        if given.get(name) and (incident.get(shown_as) or {}).get("id") != given[name]:
            yield f"edit.only-given: {shown_as} is {brief(incident.get(shown_as))}, not {given[name]}"
    if held is not None:
        _expect(held, incident, given)
    if ids != [None, None]:
        own.records["updates"].whole.clear()  # a move is told among the updates, under an id that nobody told
    _rename_link(own, id_, texts)
    yield from memory.take(own, "incidents", incident, "edit.only-given")


def _expect(held: Held, after: Json, given: Json) -> None:
    """What was given is taken as it is answered, the rest is to be as it was."""
    shown_as = {"severity_id": "severity", "incident_status_id": "incident_status"}
    for name in given:
        member = shown_as.get(name, name)
        if member in after:
            held.body = {**held.body, member: after[member]}
        else:
            held.loose.add(member)
    if "incident_status_id" in given:
        held.loose.add("incident_timestamp_values")
    if given:
        held.loose.update(("updated_at", "last_activity_at", "slack_channel_name"))


def _rename_link(own: Organisation, id_: str, texts: Json) -> None:
    """The title of a link is made of its incident's name; whether it follows a new name, nobody says."""
    for document in own.documents_of(id_):
        if "name" in texts and document.body["type"] == "external":
            document.loose.add("title")


def _may_move(own: Organisation, held: Held | None, status_id: Any) -> bool | None:
    if status_id is None:
        return True
    status = own.named.get(status_id) if isinstance(status_id, str) else None
    if held is None or status is None:
        return None
    move = (held.body["incident_status"]["category"], status["category"])
    return move[0] == move[1] or move in ONWARD


def shared(memory: Memory, call: Call) -> Iterator[str]:
    """An update on an incident."""
    own, body = call.own, call.body
    before = own.shared.get(body["idempotency_key"])
    if before is not None:
        said = call.said.get("incident_update")
        if call.status != 201 or not isinstance(said, dict) or said.get("id") != before:
            yield f"updates.idempotent: answers {call.status} with {brief(said)}, not the first update {before}"
        return
    id_, status_id, severity_id = (
        body["incident_id"],
        body.get("to_incident_status_id"),
        body.get("to_severity_id"),
    )
    something = body.get("message") or status_id or severity_id
    there, held, sure = (
        memory.is_there(own, "incidents", id_),
        own.held("incidents", id_),
        _sure(own, status_id, severity_id),
    )
    may = _may_move(own, held, status_id)
    if not something and body.get("message") in (None, "") and status_id is None and severity_id is None:
        yield from refused(call.answered, "updates.something", "it has nothing to tell", 422)
        return
    if there is False:
        yield from refused(
            call.answered, "updates.refused", f"{id_} is no incident of this organisation", 404
        )
        return
    if there and (sure is False or may is False):
        rule = "edit.no-move" if sure else "updates.refused"
        yield from refused(call.answered, rule, "it cannot move there", 422)
        return
    if call.status != 201:
        if there and sure and may and body["idempotency_key"]:
            yield f"updates.create: answers {call.status}, not 201, to a valid update"
        return
    record = call.said.get("incident_update")
    wrong = list(memory.form("updates", record))
    yield from wrong
    if wrong:
        return
    update = known(record)
    yield from _told(call, held, update)
    yield from actor(call, update["updater"], "updates.create")
    yield from memory.make(call, "updates", update)
    own.shared[body["idempotency_key"]] = update["id"]
    own.touch(id_, *(("incident_timestamp_values",) if status_id else ()))
    if held is not None:
        held.body = {**held.body, "incident_status": update["new_incident_status"]}
        if "new_severity" in update:
            held.body["severity"] = update["new_severity"]


def _told(call: Call, held: Held | None, update: Json) -> Iterator[str]:
    body = call.body
    if update["incident_id"] != body["incident_id"]:
        yield f"updates.create: incident_id is {brief(update['incident_id'])}, not {body['incident_id']}"
    if body.get("message") and update.get("message") != body["message"]:
        yield f"updates.create: message is {brief(update.get('message'))}, not {brief(body['message'])}"
    for name, shown_as, of_it in (
        ("to_incident_status_id", "new_incident_status", "incident_status"),
        ("to_severity_id", "new_severity", "severity"),
    ):
        before = (held.body.get(of_it) or {}).get("id") if held else None
        wanted = body.get(name) or before
        if wanted and (update.get(shown_as) or {}).get("id") != wanted:
            yield f"updates.create: {shown_as} is {brief(update.get(shown_as))}, not {wanted}"
    then = moment(update["created_at"])
    opened = moment(held.body["created_at"]) if held else None
    if then and opened and then < opened:
        yield f"updates.create: created_at {update['created_at']} is before the incident's"
