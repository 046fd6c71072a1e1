"""Lists of incident.io, and what is configured: what the answers about them must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract_tests.model.incident_io_asked import CATALOG
from contract_tests.model.incident_io_memory import Call, Memory
from contract_tests.model.incident_io_queries import LISTS, read_query
from contract_tests.model.incident_io_records import judge_page, known, learn_page
from contract_tests.model.incident_io_refused import not_found, refused
from contract_tests.model.shadow import brief

Json = dict[str, Any]
MEMBERS = {
    "documents": "postmortem_documents",
    "incidents": "incidents",
    "follow_ups": "follow_ups",
    "updates": "incident_updates",
}
REFUSALS = {
    "documents": "documents.query-refused",
    "incidents": "incidents.page-size-range",
    "follow_ups": "follow-up.filter-refused",
    "updates": "documents.query-refused",
}


def listed(memory: Memory, call: Call) -> Iterator[str]:
    own, kind = call.own, call.operation.name
    held = own.records["incidents"].held
    ranks = {id_: value["rank"] for id_, value in own.named.items() if "rank" in value}
    query = read_query(
        kind,
        call.asked.query,
        lambda id_: held[id_].body["mode"] if id_ in held else None,
        lambda id_: ranks.get(id_),
    )
    rule = LISTS[kind].rule
    if query.wrong:
        if not query.unsure:
            dates = "created_at" in query.wrong or "updated_at" in query.wrong
            refusal = "incidents.filter-date-words" if dates and kind == "incidents" else REFUSALS[kind]
            yield from refused(call.answered, refusal, query.wrong, 422)
        return
    if call.status != 200:
        if not query.unsure:
            yield f"{_shape(kind)}: answers {call.status}, not 200"
        return
    rows, meta = call.said.get(MEMBERS[kind]), call.said.get("pagination_meta")
    if not isinstance(rows, list) or not isinstance(meta, dict):
        yield f"{_shape(kind)}: has no {MEMBERS[kind]} or no pagination_meta: {brief(call.said)}"
        return
    wrong = [each for row in rows for each in memory.form(kind, row)]
    yield from wrong
    if wrong:
        return
    shown = [known(row) for row in rows]
    records, page = own.records[kind], query.page
    if not query.unsure:
        yield from judge_page(records, page, shown, meta, shared=memory.shared)
        yield from _after(memory, call, page.after, shown, rule)
    for record in shown:
        yield from memory.take(own, kind, record)
    if not query.unsure and not memory.shared:
        learn_page(records, page, shown, meta)


def _after(memory: Memory, call: Call, after: str | None, shown: list[Json], rule: str) -> Iterator[str]:
    """Nothing comes after a record that is not there."""
    if after is None or not shown:
        return
    if memory.is_there(call.own, call.operation.name, after) is False:
        name = {"documents": "documents.after-unknown", "incidents": "incidents.after-unknown"}
        yield f"{name.get(rule, 'documents.after-unknown')}: shows records after {after}, which is not there"


def _shape(kind: str) -> str:
    return {"documents": "documents.list-shape", "incidents": "incidents.list-shape"}.get(
        kind, "follow-up.list-order" if kind == "follow_ups" else "updates.list"
    )


def identity(memory: Memory, call: Call) -> Iterator[str]:
    said = call.said.get("identity")
    wanted = {"name": str, "dashboard_url": str, "roles": list, "team_roles": list, "teams": list}
    if call.status != 200 or not isinstance(said, dict):
        yield f"identity.no-scope: answers {call.status} with {brief(call.said)}"
        return
    for name, type_ in wanted.items():
        if not isinstance(said.get(name), type_):
            yield f"identity.shape: {name} is {brief(said.get(name))}"
            return
    first = call.own.catalog.setdefault(("identity", call.caller.key), known(said))
    if first != known(said):
        yield f"identity.shape: is {brief(said)}, and {brief(first)} before"
    acting = call.own.actor.get(call.caller.key)
    if acting is not None and acting["api_key"].get("name") != said["name"]:
        yield f"create.creator: acts as {brief(acting)}, and is {said['name']!r}"


def catalog(memory: Memory, call: Call) -> Iterator[str]:
    """What is configured does not change while nobody changes it, and is another organisation's nowhere."""
    own = call.own
    path = next(
        p for p, kind in CATALOG.items() if call.operation.name in (f"all {kind[0]}", f"one {kind[1]}")
    )
    plural, singular, _ = CATALOG[path]
    other = next(o for o in memory.organisations.values() if o is not own)
    if call.operation.name.startswith("one"):
        id_ = call.operation.id
        here, there = (singular, id_) in own.catalog, (singular, id_) in other.catalog
        if there and not here:
            yield from not_found(call.answered, "catalog.unknown", f"{id_} is another organisation's")
        elif call.status == 404:
            if here and not memory.shared:
                yield f"catalog.shape: answers 404 for {id_}, which is listed"
        elif call.status != 200 or not isinstance(call.said.get(singular), dict):
            yield f"catalog.shape: answers {call.status} with {brief(call.said)}"
        else:
            if call.said[singular].get("id") != id_:
                yield f"catalog.shape: shows {call.said[singular].get('id')} for {id_}"
            yield from _seen(memory, call, singular, call.said[singular])
        return
    if call.asked.query or call.status != 200:
        return
    rows = call.said.get(plural)
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "id" in row for row in rows):
        yield f"catalog.shape: has no {plural}: {brief(call.said)}"
        return
    ranks = [row["rank"] for row in rows if "rank" in row]
    if ranks != sorted(ranks) and singular != "user":
        yield f"catalog.order: ranks are {ranks}"
    for row in rows:
        if (singular, row["id"]) in other.catalog:
            yield f"catalog.unknown: lists {row['id']}, which is another organisation's"
        yield from _seen(memory, call, singular, row)


def _seen(memory: Memory, call: Call, singular: str, row: Json) -> Iterator[str]:
    row = known(row)
    before = call.own.catalog.setdefault((singular, row["id"]), row)
    if before != row and not memory.shared:
        yield f"catalog.shape: {row['id']} is {brief(row)}, and {brief(before)} before"
    if singular in ("severity", "incident_status", "incident_type"):
        call.own.named.setdefault(row["id"], row)
