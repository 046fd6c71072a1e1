"""Answers that carry the wrong status code."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import answer, headed, no_body, plain, read, status, with_body, with_json
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of

MUTANTS = defect = Chapter("status codes")

defect("create-200", ONCALL, "Creating a postmortem answers 200.", answer("postmortems.create", status(200)))
defect("note-create-200", ONCALL, "Creating a note answers 200.", answer("notes.create", status(200)))
defect(
    "message-create-202", ONCALL, "Creating a message answers 202.", answer("messages.create", status(202))
)
defect(
    "put-204",
    ONCALL,
    "PUT of a postmortem answers 204 without a body.",
    answer("postmortems.put", no_body, status(204)),
)
defect(
    "delete-200-body",
    ONCALL,
    "DELETE of a postmortem answers 200 with an empty object.",
    answer("postmortems.delete", lambda answered, _: with_json(replace(answered, status=200), {})),
)
defect(
    "delete-missing-204",
    ONCALL,
    "DELETE of a postmortem that does not exist answers 204.",
    answer("postmortems.delete", no_body, status(204), when=404),
)
defect(
    "delete-missing-500",
    ONCALL,
    "DELETE of a note that does not exist answers 500.",
    answer("notes.delete", status(500), when=404),
)
defect(
    "not-found-403",
    ONCALL,
    "Postmortems that do not exist answer 403 instead of 404.",
    answer("postmortems.get postmortems.put", status(403), when=404),
)
defect("action-204", ONCALL, "Resolving an alert group answers 204.", answer("groups.resolve", status(204)))
defect(
    "conflict-409",
    ONCALL,
    "An action that the state stands against answers 409.",
    answer("groups.acknowledge groups.unacknowledge", status(409), when=400),
)
defect(
    "validation-422",
    ONCALL,
    "A note without a text answers 422.",
    answer("notes.create", status(422), when=400),
)
defect(
    "note-get-missing-200",
    ONCALL,
    "GET of a message that does not exist answers 200 with null.",
    answer("messages.get", lambda answered, _: with_json(replace(answered, status=200), None), when=404),
)


async def _405(asked: Asked, forward: Forward, code: int) -> Answered:
    answered = await forward(asked)
    known = asked.path.startswith("/api/v1/") and asked.method not in ("HEAD", "OPTIONS")
    return replace(answered, status=code) if answered.status == 405 and known else answered


async def not_allowed_is_not_found(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    return await _405(asked, forward, 404)


async def not_allowed_is_fine(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    return await _405(asked, forward, 200)


defect("405-as-404", ONCALL, "An unsupported method answers 404.", not_allowed_is_not_found)
defect("405-as-200", ONCALL, "An unsupported method answers 200.", not_allowed_is_fine)

defect("import-200", INCIDENT, "An import answers 200.", answer("documents.import", status(200)))
defect("attach-200", INCIDENT, "Attaching a document answers 200.", answer("documents.attach", status(200)))
defect(
    "follow-up-create-200",
    INCIDENT,
    "Creating a follow-up answers 200.",
    answer("follow-ups.create", status(200)),
)
defect(
    "incident-create-201",
    INCIDENT,
    "Creating an incident answers 201.",
    answer("incidents.create", status(201)),
)
defect("update-create-200", INCIDENT, "Sharing an update answers 200.", answer("updates.create", status(200)))
defect(
    "follow-up-delete-200",
    INCIDENT,
    "Deleting a follow-up answers 200 with an empty object.",
    answer(
        "follow-ups.delete",
        lambda answered, _: with_json(replace(answered, status=200), {}),
        headed("Content-Type", "application/json"),
    ),
)
defect(
    "document-unknown-400",
    INCIDENT,
    "A document that does not exist answers 400.",
    answer("documents.get", status(400), when=404),
)
defect(
    "document-put-404-first",
    INCIDENT,
    "A status outside the enum answers 200 and is ignored.",
    answer("documents.put", status(200), when=422),
)
defect(
    "validation-400",
    INCIDENT,
    "A follow-up that is refused answers 400, while its body still says 422.",
    answer("follow-ups.create follow-ups.put", status(400), when=422),
)


def _lies(answered: Answered, asked: Asked) -> Answered:
    body = read(answered)
    return with_json(answered, {**body, "status": 400}) if isinstance(body, dict) else answered


defect(
    "status-in-body",
    INCIDENT,
    "The body of a 404 says that its status is 400.",
    answer("*", _lies, when=404),
)
defect(
    "attach-conflict-422",
    INCIDENT,
    "Attaching beside an in-app document answers 422.",
    answer("documents.attach", status(422), when=409),
)
defect(
    "severity-missing-200",
    INCIDENT,
    "A severity that does not exist answers 200 without a body.",
    answer("severities.get", no_body, status(200), when=404),
)


async def unrouted_is_405(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """What no operation owns is a 405 where the path has others."""
    answered = await forward(asked)
    path_is_known = any(
        operation_of(replace(asked, method=method)) is not None for method in ("GET", "POST", "PUT", "DELETE")
    )
    if answered.status == 404 and not answered.body and path_is_known and not matches(asked, "*.*"):
        return replace(with_body(answered, b""), status=405)
    return answered


defect("unrouted-405", INCIDENT, "A method that a path does not have answers 405.", unrouted_is_405)
defect(
    "not-found-plain",
    INCIDENT,
    "An incident that does not exist answers its 404 as plain text.",
    answer("incidents.get", plain("not found"), when=404),
)
