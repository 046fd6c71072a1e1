"""Postmortem documents: what the answers about them must be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from contract_tests.model.incident_io_memory import Call, Memory, Organisation
from contract_tests.model.incident_io_records import Held, known, moment
from contract_tests.model.incident_io_refused import not_found, refused
from contract_tests.model.shadow import brief

Json = dict[str, Any]
WRAP = "postmortem_document"


def imported(memory: Memory, call: Call) -> Iterator[str]:
    own, id_ = call.own, call.operation.id
    there = memory.is_there(own, "incidents", id_)
    if there is False:
        yield from not_found(call.answered, "incident.unknown", f"{id_} is no incident of this organisation")
        return
    if call.status == 404 and there is None:
        return
    if call.status != 201:
        yield f"import.shape: answers {call.status}, not 201, to a valid import"
        return
    record = call.said.get(WRAP)
    wrong = list(memory.form("documents", record))
    yield from wrong
    if wrong:
        return
    document: Json = known(record)
    if document["title"] != call.body["title"]:
        yield f"import.what-was-sent: title is {brief(document['title'])}, not {brief(call.body['title'])}"
    if document["incident_id"] != id_ and not id_.isdecimal():
        yield f"import.what-was-sent: incident_id is {brief(document['incident_id'])}, not {id_}"
    for name, value in {
        "status": "in_progress",
        "type": "in_app",
        "exported_urls": [],
        "editors": [],
    }.items():
        if document[name] != value:
            yield f"document.at-first: {name} is {brief(document[name])}, not {value!r}"
    if moment(document["updated_at"]) != moment(document["created_at"]):
        yield f"document.timestamp-form: updated_at {document['updated_at']} is not created_at {document['created_at']}"
    yield from _address(memory, document)
    location = call.answered.header("Location") or ""
    if not location:
        yield "import.shape: there is no Location"
    elif not location.endswith(f"/v1/postmortem_documents/{document['id']}"):
        yield f"import.location-form: Location {brief(location)} does not end in the path of {document['id']}"
    yield from memory.make(call, "documents", document)
    own.texts[document["id"]] = (call.body["title"], call.body["content"])
    memory.homes.setdefault(("incidents", document["incident_id"]), own.name)
    _tell_the_incident(own, document)


def _address(memory: Memory, document: Json) -> Iterator[str]:
    url, page = document["document_url"], memory.pages.get(document["incident_id"])
    if not url.endswith(f"/post-mortems/{document['id']}"):
        yield f"document.url: document_url {brief(url)} does not name {document['id']}"
    elif page and url != f"{page}/post-mortems/{document['id']}":
        yield f"document.url: document_url {brief(url)} is not under its incident's {page}"


def _tell_the_incident(own: Organisation, document: Json) -> None:
    """An incident names its documents, and where the main one is."""
    incident = own.held("incidents", document["incident_id"])
    if incident is None:
        return
    own.touch(document["incident_id"])
    body = incident.body
    names = body.get("postmortem_document_ids")
    if names is None:
        return
    incident.body = {**body, "postmortem_document_ids": [*names, document["id"]]}
    if not names and "postmortem_document_url" not in body:
        incident.body["postmortem_document_url"] = document["document_url"]


def shown(memory: Memory, call: Call) -> Iterator[str]:
    yield from show(memory, call, "documents", WRAP, "documents.unknown")


def show(memory: Memory, call: Call, kind: str, wrap: str, unknown: str) -> Iterator[str]:
    """One record by its id, for every kind of record that can be shown."""
    own, id_ = call.own, call.operation.id
    there = memory.is_there(own, kind, id_)
    if there is False:
        if call.status == 200 and (kind, id_) in memory.homes:
            yield f"incident.unknown: shows {id_}, which is another organisation's"
        else:
            yield from not_found(call.answered, unknown, f"{id_} is not there for this organisation")
        return
    if call.status == 404 and there is None:
        memory.absent.add((own.name, kind, id_))
        return
    held = own.held(kind, id_)
    if call.status == 404 and memory.shared and held and not held.made:
        return
    if call.status != 200:
        yield f"{_show_rule(kind)}: answers {call.status}, not 200, for {id_}, which is there"
        return
    record = call.said.get(wrap)
    wrong = list(memory.form(kind, record))
    yield from wrong
    if wrong:
        return
    body = known(record)
    if body["id"] != id_:
        yield f"{_show_rule(kind)}: shows {body['id']} for {id_}"
        return
    yield from memory.take(own, kind, body)


def _show_rule(kind: str) -> str:
    return {"documents": "documents.show", "incidents": "incidents.show"}.get(kind, "follow-up.show")


def content(memory: Memory, call: Call) -> Iterator[str]:
    own, id_ = call.own, call.operation.id
    there = memory.is_there(own, "documents", id_)
    if there is False:
        yield from not_found(call.answered, "documents.unknown", f"{id_} is not there for this organisation")
        return
    held = own.held("documents", id_)
    if held is None:
        return
    if held.body["type"] != "in_app":
        yield from not_found(call.answered, "attach.no-content", "the document is elsewhere")
        return
    if call.status == 404 and memory.shared and not held.made:
        return
    text = call.said.get("markdown")
    if call.status != 200 or not isinstance(text, str):
        yield f"content.shape: answers {call.status} with {brief(call.said)}"
        return
    before = own.contents.setdefault(id_, text)
    if before != text and (held.made or not memory.shared):
        yield f"content.canonical: reads {brief(text)}, and {brief(before)} before"
    title, sent = own.texts.get(id_, ("", ""))
    if id_ not in own.texts:
        return
    if is_plain(title) and not text.startswith(f"# {title}\n"):
        yield f"content.shape: does not begin with the title {brief(title)}: {brief(text)}"
    if is_plain(title) and is_plain_markdown(sent):
        expected = f"# {title}\n\n{plain_form(sent)}"
        if text != expected:
            yield f"content.canonical: reads {brief(text)}, not {brief(expected)}"
    elif gone := lost(sent, text):
        yield f"content.shape: has lost {gone[:5]}: {brief(text)}"


# Words between single spaces that no reader of Markdown could take for anything else.
_LINE = r"[^\W\d_]+(?:[,.;]? (?:(?:[^\W_]|[\u0300-\u036f])+|[\U0001f300-\U0001f64f]))*[.]?"


def is_plain(line: str) -> bool:
    return bool(re.fullmatch(_LINE, line))


def is_plain_markdown(text: str) -> bool:
    blocks = text.replace("\r\n", "\n").strip("\n").split("\n\n")
    return all(is_plain(block.removeprefix("## ").removeprefix("* ")) for block in blocks)


def plain_form(text: str) -> str:
    return text.replace("\r\n", "\n").strip("\n") + "\n"


def lost(sent: str, text: str) -> list[str]:
    """Words of letters alone, between white space, that are not to be read: any way to write Markdown down has them."""
    if set(sent) & set("<[&"):
        return []
    plain = {word for word in sent.split() if len(word) > 2 and word.isalpha()}
    return sorted(plain - {word.strip("\\*_`|#>") for word in text.split()})


def moved(memory: Memory, call: Call) -> Iterator[str]:
    """A new status."""
    own, id_ = call.own, call.operation.id
    there = memory.is_there(own, "documents", id_)
    if there is False:
        yield from not_found(call.answered, "documents.unknown", f"{id_} is not there for this organisation")
        return
    if call.status == 404 and there is None:
        return
    if call.status != 200:
        yield f"status.update: answers {call.status}, not 200"
        return
    record = call.said.get(WRAP)
    wrong = list(memory.form("documents", record))
    yield from wrong
    if wrong:
        return
    body, held = known(record), own.held("documents", id_)
    if body["status"] != call.body["status"]:
        yield f"status.update: status is {brief(body['status'])}, not {call.body['status']}"
    if body["id"] != id_:
        yield f"status.update: answers with {body['id']} for {id_}"
        return
    if held is not None:
        new = held.body["status"] != call.body["status"]
        then, now = moment(held.body["updated_at"]), moment(body["updated_at"])
        if new and then and now and now <= then and not held.loose:
            yield f"status.updated-at: updated_at {body['updated_at']} is not after {held.body['updated_at']}"
        held.body = {**held.body, "status": call.body["status"]}
        if new:
            held.loose.add("updated_at")
    own.touch(body["incident_id"])
    yield from memory.take(own, "documents", body, "status.updated-at")


def attached(memory: Memory, call: Call) -> Iterator[str]:
    own, id_ = call.own, call.body["incident_id"]
    there = memory.is_there(own, "incidents", id_)
    if there is False or (memory.strict and (not id_ or id_.isdecimal())):
        yield from not_found(call.answered, "attach.refused", f"{id_!r} is no incident of this organisation")
        return
    beside = own.documents_of(id_)
    external = next((held for held in beside if held.body["type"] == "external"), None)
    if beside and external is None:
        yield from refused(
            call.answered, _beside(call), "the incident has an in-app document", 409, "conflict"
        )
        return
    if call.status != 201:
        incident = own.held("incidents", id_)
        empty = incident is not None and not incident.body.get("postmortem_document_ids", [0])
        if re.fullmatch(r"https://[\w./-]+", call.body["permalink"]) and (external is not None or empty):
            yield f"attach.shape: answers {call.status}, not 201, to a valid attachment"
        return
    record = call.said.get(WRAP)
    wrong = list(memory.form("documents", record))
    yield from wrong
    if wrong:
        return
    document = known(record)
    if (document["type"], document["incident_id"]) != ("external", id_):
        yield f"attach.shape: the document is {document['type']} of {document['incident_id']}"
    if document["document_url"] != call.body["permalink"]:
        yield f"attach.again: document_url is {brief(document['document_url'])}, not {brief(call.body['permalink'])}"
    own.touch(id_, "postmortem_document_url")
    memory.homes.setdefault(("incidents", id_), own.name)
    if external is None:
        yield from _first_link(memory, call, document)
    elif external.body["id"] != document["id"]:
        yield f"attach.again: makes {document['id']} beside {external.body['id']}"
    else:
        external.body = {**external.body, "document_url": call.body["permalink"]}
        external.loose.add("updated_at")
        yield from memory.take(own, "documents", document, "attach.again")


def _beside(call: Call) -> str:
    return "attach.beside-in-app" if call.status < 400 else "attach.beside-in-app-answer"


def _first_link(memory: Memory, call: Call, document: Json) -> Iterator[str]:
    own, id_ = call.own, call.body["incident_id"]
    if ("documents", document["id"]) in memory.homes or own.held("documents", document["id"]):
        yield f"attach.shape: the id {document['id']} is that of another document"
        return
    incident = own.held("incidents", id_)
    if incident is not None:
        title = f"{incident.body['reference']}: {incident.body['name']}"
        names = incident.body.get("postmortem_document_ids", [])
        if document["id"] not in names:
            if document["title"] != title:
                yield f"attach.document: title is {brief(document['title'])}, not {brief(title)}"
            incident.body = {**incident.body, "postmortem_document_ids": [*names, document["id"]]}
    if not memory.shared and own.records["documents"].is_whole(frozenset()):
        yield from memory.make(call, "documents", document)
    else:
        memory.homes["documents", document["id"]] = own.name
        own.records["documents"].held[document["id"]] = Held(document)
