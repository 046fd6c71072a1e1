"""Input that is taken, or refused, against the rules: Grafana OnCall."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    answer,
    ask,
    dumped,
    other,
    read,
    rebody,
    sending,
)
from contract_tests.mutants.fields import coerced, filled, nulls
from contract_tests.mutants.mutant import ONCALL, Act, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches

MUTANTS = defect = Chapter("input")


def blank(name: str) -> Any:
    return rebody(
        lambda body: (
            {**body, name: "(blank)"} if isinstance(body.get(name), str) and not body[name].strip() else body
        )
    )


def refuses_long(where: str, name: str, longest: int, body: Any, status: int) -> Act:
    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        sent = read(asked) if matches(asked, where) else None
        if isinstance(sent, dict) and isinstance(sent.get(name), str) and len(sent[name]) > longest:
            refused = await forward(sending(asked, b"{}"))
            return replace(refused, body=dumped(body), status=status)
        return await forward(asked)

    return act


TOO_LONG = {"text": ["Ensure this field has no more than 3000 characters."]}


WRITES = "postmortems.create postmortems.put"


defect(
    "text-missing-accepted",
    ONCALL,
    "A postmortem may be created without a text.",
    ask("postmortems.create", filled(text="(none)")),
)


defect(
    "put-text-missing-accepted",
    ONCALL,
    "PUT without a text is accepted.",
    ask("postmortems.put notes.put", filled(text="(none)")),
)


defect(
    "text-coerced", ONCALL, "A text of another type is turned into a string.", ask(WRITES, coerced("text"))
)


defect("text-blank-accepted", ONCALL, "A blank text is accepted.", ask("postmortems.create", blank("text")))


defect(
    "text-null-accepted",
    ONCALL,
    "A note may have a text of null.",
    ask("notes.create notes.put", nulls("text", "(null)")),
)


defect(
    "number-refused",
    ONCALL,
    "A number as text is refused.",
    ask(
        "postmortems.create",
        rebody(
            lambda body: (
                {**body, "text": [body["text"]]} if isinstance(body.get("text"), int | float) else body
            )
        ),
    ),
)


defect(
    "text-3000",
    ONCALL,
    "A text of more than 3000 characters is refused.",
    refuses_long(WRITES, "text", 3000, TOO_LONG, 400),
)


defect(
    "unknown-field-refused",
    ONCALL,
    "Fields that are not known are refused.",
    ask(
        "postmortems.create",
        rebody(lambda body: {**body, "text": []} if not body.keys() <= {"alert_group_id", "text"} else body),
    ),
)


defect(
    "group-trimmed",
    ONCALL,
    "An alert_group_id may have blanks around it.",
    ask(
        "postmortems.create",
        rebody(
            lambda body: (
                {**body, "alert_group_id": body["alert_group_id"].strip()}
                if isinstance(body.get("alert_group_id"), str)
                else body
            )
        ),
    ),
)


defect(
    "id-from-body",
    ONCALL,
    "An id in the body is refused.",
    ask("postmortems.create", rebody(lambda body: {**body, "alert_group_id": ""} if "id" in body else body)),
)


defect(
    "silence-without-delay",
    ONCALL,
    "A silence without a delay lasts an hour.",
    ask("groups.silence", filled(delay=3600)),
)


defect(
    "bad-mode-wipes",
    ONCALL,
    "DELETE of an alert group with a mode that there is not wipes it.",
    ask(
        "groups.delete",
        rebody(
            lambda body: (
                {**body, "mode": "wipe"} if body.get("mode") not in ("wipe", "delete", None) else body
            )
        ),
    ),
)


defect(
    "source-not-looked-at",
    ONCALL,
    "A note that was written in Slack can be updated.",
    answer(
        "notes.put notes.patch",
        lambda answered, asked: (
            replace(answered, status=200) if b"source type" in answered.body else answered
        ),
        when=400,
    ),
    hidden="only a note from elsewhere shows it",
)


async def page_words_are_refused(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "*.list") and any(
        name in ("page", "perpage") and not value.isdecimal() for name, value in asked.query
    ):
        return replace(await forward(other(asked, "GET", "/api/v1/postmortems/NOTHERE/")), status=404)
    return await forward(asked)


defect("odd-page-404", ONCALL, "A page that is no number answers 404.", page_words_are_refused)
