"""A holdout: defects of Grafana OnCall's API that were written after the suite was frozen, without a look at its tests.

The holdout figure in docs/contract-testing.md was taken before any law was written for them, and is never added to that
of the others. Before each stands what it breaks: a rule, or what plain sense or HTTP asks for.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote, urlencode

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.addresses import beside, keeps_showing
from contract_tests.mutants.changes import (
    Json,
    bare,
    caller,
    other,
    plain,
    read,
    rebody,
    records,
    with_body,
    with_header,
    with_json,
    without,
)
from contract_tests.mutants.mutant import ONCALL, Act, Forward, Memory, Mutant
from contract_tests.mutants.operations import matches, operation_of
from contract_tests.mutants.writes import overlaid

MUTANTS: list[Mutant] = []


def defect(name: str, about: str, sentence: str, act: Act, *, hidden: str = "") -> None:
    MUTANTS.append(Mutant(f"oncall-holdout-{name}", about, (ONCALL,), sentence, act, hidden=hidden))


async def postmortems_outlive_their_group(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    kept: dict[tuple[str, str], Answered] = memory.setdefault("kept", {})
    operation = operation_of(asked)
    if operation is not None and operation.name == "groups.delete":
        query = urlencode({"alert_group_id": operation.id, "perpage": 1000})
        listed = await forward(other(asked, "GET", beside(asked, f"postmortems/?{query}")))
        answered = await forward(asked)
        if listed.status == 200 and (await forward(other(asked, "GET", bare(asked)))).status == 404:
            allow = with_header(listed.headers, "Allow", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS")
            for record in records(read(listed)):
                kept[caller(asked), record["id"]] = with_json(replace(listed, headers=allow), record)
        return answered
    answered = await forward(asked)
    if operation is not None and operation.name == "postmortems.get" and answered.status == 404:
        return kept.get((caller(asked), operation.id), answered)
    return answered


# group.delete.delete (observed): the alert group is removed with its notes and postmortems.
defect(
    "group-leaves-postmortems",
    "deletes",
    "The postmortems of a deleted alert group are still shown to whoever deleted it.",
    postmortems_outlive_their_group,
)


async def messages_at_the_first_alone(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    first: dict[str, str] = memory.setdefault("first", {})
    later: set[str] = memory.setdefault("later", set())
    answered = await forward(asked)
    body = read(answered) if answered.status in (200, 201) else None
    if body is None:
        return answered
    if matches(asked, "postmortems.create") and answered.status == 201:
        if first.setdefault(body["alert_group_id"], body["id"]) != body["id"]:
            later.add(body["id"])
    elif matches(asked, "postmortems.get postmortems.list"):
        for record in records(body):
            if record["id"] in later:
                record["postmortem_messages"] = []
        return with_json(answered, body)
    return answered


# message.in-postmortem (assumed): a postmortem shows the messages of its alert group, however many others do.
defect(
    "messages-at-the-first",
    "bodies",
    "Of the postmortems that are created for one alert group the first alone shows the messages.",
    messages_at_the_first_alone,
)


def _told_in_the_east(record: Json) -> Json:
    east = timezone(timedelta(hours=2))
    return {"created_at": datetime.fromisoformat(record["created_at"]).astimezone(east).isoformat()}


# note.update (observed): created_at stays as it was, and all times (form.created-at) are in UTC with Z.
defect(
    "zone-after-patch",
    "bodies",
    "Once a note was changed with PATCH, its created_at is told in another time zone, +02:00.",
    overlaid("notes.patch", _told_in_the_east, "notes.get notes.list notes.put"),
)


async def every_fourth_fails_and_is_kept(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if not matches(asked, "notes.create") or answered.status != 201:
        return answered
    memory["made"] = memory.get("made", 0) + 1
    if memory["made"] % 4:
        return answered
    return plain("<h1>Server Error (500)</h1>", "text/html")(replace(answered, status=500), asked)


# note.shape (observed): creating answers 201. Whoever tries again has the note twice.
defect(
    "fourth-note-500",
    "status codes",
    "Every fourth note that is created is kept, but answered 500.",
    every_fourth_fails_and_is_kept,
)


async def octets_are_not_decoded(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    letters = [unquote(octet) for octet in re.findall("%[0-9A-Fa-f]{2}", bare(asked))]
    needless = any(letter.isascii() and letter.isalnum() for letter in letters)
    if needless and matches(asked, "postmortems.get postmortems.put postmortems.patch postmortems.delete"):
        _, found, query = asked.target.partition("?")
        asked = replace(asked, target=beside(asked, f"postmortems/PNEVER1EX1STS/{found}{query}"))
    return await forward(asked)


# RFC 3986, 6.2.2.2: an address is the same whether a letter or a digit in it is percent-encoded or not.
defect(
    "id-percent-encoded",
    "identity",
    "A postmortem is not found if a letter of its id is percent-encoded in the path.",
    octets_are_not_decoded,
    hidden="nobody in the conversation writes a path so",
)

GERMAN = {
    b"This field is required.": "Dieses Feld ist zwingend erforderlich.",
    b"This field may not be blank.": "Dieses Feld darf nicht leer sein.",
    b"This field may not be null.": "Dieses Feld darf nicht null sein.",
    b"Not a valid string.": "Kein gültiger String.",
    b"Not found.": "Nicht gefunden.",
}


async def refusals_are_translated(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    language = (asked.header("Accept-Language") or "").strip().lower()
    if operation_of(asked) is None or answered.status not in (400, 404) or not language.startswith("de"):
        return answered
    body = answered.body
    for words, others in GERMAN.items():
        body = body.replace(words, others.encode())
    return with_body(answered, body)


# field.required, get.unknown-id (assumed, as seen on notes): the words are these, and clients go by them.
defect(
    "language",
    "bodies",
    "Refusals are in German for who prefers that by Accept-Language.",
    refusals_are_translated,
    hidden="nobody in the conversation has an Accept-Language",
)


async def nothing_was_ever_modified(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    asks = matches(asked, "postmortems.get postmortems.list") and asked.header("If-Modified-Since")
    if answered.status != 200 or not asks:
        return answered
    return Answered(304, without(without(answered.headers, "Content-Type"), "Content-Length"))


# RFC 9110, 13.1.3: what has no date of modification is shown, and so is what was modified since.
defect(
    "not-modified",
    "stale reads",
    "Who asks for postmortems with If-Modified-Since is answered 304, whatever was changed since.",
    nothing_was_ever_modified,
    hidden="nobody in the conversation asks conditionally",
)


async def what_was_refused_lingers(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if not matches(asked, "postmortems.create postmortems.put"):
        return await forward(asked)
    left: dict[str, Json] = memory.setdefault("left", {})
    own, kept = read(asked), left.get(caller(asked), {})
    answered = await forward(rebody(lambda body: {**kept, **body})(asked))
    if answered.status == 400 and isinstance(own, dict):
        left[caller(asked)] = {name: own[name] for name in ("text", "alert_group_id") if name in own}
    elif answered.status < 300:
        left.pop(caller(asked), None)
    return answered


# field.required (assumed, as seen on notes): a missing field is refused, whatever was sent before.
defect(
    "refused-lingers",
    "input",
    "What a refused postmortem held fills in what the caller's next one leaves out.",
    what_was_refused_lingers,
    hidden="no write in the conversation leaves out what a refused one before it held",
)


async def full_page_has_a_next_one(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if not matches(asked, "groups.list notes.list") or answered.status != 200:
        return answered
    body = read(answered)
    if body["next"] is None and body["count"] and body["count"] % body["page_size"] == 0:
        query = [(name, value) for name, value in asked.query if name != "page"]
        query.append(("page", str(body["current_page_number"] + 1)))
        body["next"] = f"http://{asked.header('Host')}{bare(asked)}?{urlencode(sorted(query))}"
    return with_json(answered, body)


# note.page.links, group.list (observed): next is null on the last page.
defect(
    "full-page-next",
    "pages",
    "If the last page of notes or alert groups is full, there is a next one.",
    full_page_has_a_next_one,
    hidden="no last page in the conversation is full",
)


# group.action.effects (observed): acknowledge and resolve end a silence.
defect(
    "silence-outlives",
    "persistence",
    "Acknowledging or resolving a silenced alert group leaves silenced_at as it was.",
    keeps_showing(
        "silenced_at",
        after="groups.acknowledge groups.resolve",
        until="groups.silence groups.unsilence",
        seen="groups.get groups.list",
        at="alert_groups",
    ),
    hidden="no silenced alert group is acknowledged or resolved in the conversation",
)


async def updater_becomes_owner(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    owners: dict[str, str] = memory.setdefault("owners", {})
    operation = operation_of(asked)
    if operation is None or not operation.name.startswith("postmortems."):
        return await forward(asked)
    if operation.name == "postmortems.delete" and owners.get(operation.id, caller(asked)) != caller(asked):
        shown = await forward(other(asked, "GET", asked.target))
        if shown.status == 200:
            words = {"detail": "You do not have permission to perform this action."}
            return with_json(replace(shown, status=403), words)
    answered = await forward(asked)
    if matches(asked, "postmortems.put postmortems.patch") and answered.status == 200:
        owners[operation.id] = caller(asked)
    return answered


# role.editor-writes (assumed, as seen on notes): an editor may delete what another user created, or changed.
defect(
    "updater-owns",
    "rights",
    "Once somebody has updated a postmortem, nobody but them may delete it, its creator included.",
    updater_becomes_owner,
    hidden="only a second user who writes shows it",
)


# message.is-a-note (assumed): a message and a resolution note of one id are the same record.
defect(
    "message-keeps-text",
    "persistence",
    "A text that is changed at resolution_notes is still the old one at postmortem_messages.",
    keeps_showing(
        "text",
        after="notes.put notes.patch",
        until="messages.put messages.patch",
        seen="messages.get messages.list",
        at="postmortem_messages",
    ),
)
