"""Writes that are lost, kept elsewhere, or keep more than they were told: incident.io."""

from __future__ import annotations

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    answer,
    ask,
    each,
    other,
    read,
    rebody,
)
from contract_tests.mutants.mutant import INCIDENT, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of
from contract_tests.mutants.writes import keeps_nothing, overlaid

MUTANTS = defect = Chapter("persistence")


async def same_key_opens_another(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """An idempotency_key is good for nothing."""
    if matches(asked, "incidents.create"):
        memory["keys"] = memory.get("keys", 0) + 1
        body = read(asked)
        if isinstance(body, dict) and isinstance(body.get("idempotency_key"), str):
            asked = rebody(
                lambda body: {**body, "idempotency_key": f"{body['idempotency_key']}-{memory['keys']}"}
            )(asked)
    return await forward(asked)


async def same_key_shares_another(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "updates.create"):
        memory["keys"] = memory.get("keys", 0) + 1
        asked = rebody(
            lambda body: (
                {**body, "idempotency_key": f"{body.get('idempotency_key', '')}-{memory['keys']}"}
                if body.get("idempotency_key")
                else body
            )
        )(asked)
    return await forward(asked)


async def edit_forgets_the_summary(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """What an edit does not name is emptied."""
    if matches(asked, "incidents.edit"):
        asked = rebody(
            lambda body: (
                {**body, "incident": {"summary": "", **body["incident"]}}
                if isinstance(body.get("incident"), dict) and body["incident"].get("name")
                else body
            )
        )(asked)
    return await forward(asked)


async def update_moves_nothing(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """An update is shared, but the incident stays in its status and severity."""
    operation = operation_of(asked)
    body = read(asked) if operation and operation.name == "updates.create" else None
    shown = (
        await forward(other(asked, "GET", f"/v2/incidents/{body.get('incident_id')}"))
        if isinstance(body, dict)
        else None
    )
    answered = await forward(asked)
    if shown is not None and shown.status == 200 and answered.status == 201:
        before = read(shown)["incident"]
        if "severity" in before:
            change = {"incident": {"severity_id": before["severity"]["id"]}, "notify_incident_channel": False}
            await forward(other(asked, "POST", f"/v2/incidents/{before['id']}/actions/edit", change))
    return answered


DOCUMENTS = "documents.get documents.list"


defect(
    "status-not-kept",
    INCIDENT,
    "A document's new status is answered and not kept.",
    keeps_nothing("documents.put"),
)


defect(
    "status-resets-title",
    INCIDENT,
    "A new status gives the document another title.",
    overlaid("documents.put", lambda _: {"title": "Post-mortem"}, DOCUMENTS),
)


defect(
    "status-moves-created",
    INCIDENT,
    "A new status moves created_at of the document.",
    overlaid("documents.put", lambda record: {"created_at": record["updated_at"]}, DOCUMENTS),
)


defect(
    "status-without-updated",
    INCIDENT,
    "A new status leaves updated_at as it was.",
    answer(
        "documents.get documents.list documents.put",
        each(lambda record: record.update(updated_at=record["created_at"])),
    ),
)


defect(
    "follow-up-put-not-kept",
    INCIDENT,
    "An updated follow-up is answered and not kept.",
    keeps_nothing("follow-ups.put"),
)


defect(
    "follow-up-put-clears-labels",
    INCIDENT,
    "An update takes the labels of a follow-up away.",
    ask("follow-ups.put", rebody(lambda body: {"labels": [], **body})),
)


defect(
    "follow-up-not-completed",
    INCIDENT,
    "A completed follow-up does not say when it was.",
    answer("follow-ups.*", each(lambda record: record.pop("completed_at", None))),
)


defect(
    "follow-up-labels-lost",
    INCIDENT,
    "The labels that a follow-up is created with are lost.",
    ask(
        "follow-ups.create",
        rebody(lambda body: {name: value for name, value in body.items() if name != "labels"}),
    ),
)


defect(
    "incident-key-ignored",
    INCIDENT,
    "The same idempotency_key opens another incident.",
    same_key_opens_another,
)


defect(
    "update-key-ignored", INCIDENT, "The same idempotency_key shares another update.", same_key_shares_another
)


defect("edit-forgets", INCIDENT, "An edit of the name empties the summary.", edit_forgets_the_summary)


defect(
    "update-moves-nothing",
    INCIDENT,
    "The severity that an update moves to is not the incident's.",
    update_moves_nothing,
)


defect(
    "update-without-message",
    INCIDENT,
    "The message of an update is lost once there is a severity.",
    ask(
        "updates.create",
        rebody(
            lambda body: {
                name: value
                for name, value in body.items()
                if name != "message" or "to_severity_id" not in body
            }
        ),
    ),
)


defect(
    "content-of-the-first",
    INCIDENT,
    "Every document has the content of the first.",
    ask(
        "documents.import",
        rebody(
            lambda body: (
                {**body, "content": "The same every time."} if isinstance(body.get("content"), str) else body
            )
        ),
    ),
)


defect(
    "provider-becomes-link",
    INCIDENT,
    "An attached document loses the path of its link.",
    overlaid(
        "documents.attach",
        lambda record: {"document_url": record["document_url"].rsplit("/", 1)[0]},
        DOCUMENTS,
    ),
)
