"""Harmless changes of incident.io, which writes under Compatibility: "We will make changes that are considered
backwards compatible, which include", and then the words that stand behind a promise here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract_tests.mutants.changes import (
    Json,
    answer,
    each,
    said,
)
from contract_tests.mutants.compatible import (
    for_head_too,
)
from contract_tests.mutants.mutant import HARMLESS, INCIDENT, Chapter

MUTANTS = change = Chapter(HARMLESS, for_head_too)


PROPERTIES = 'The vendor\'s page: "Adding new properties to responses from existing API endpoints".'


REORDERED = 'The vendor\'s page: "Reordering properties returned from existing API endpoints".'


def everywhere(make: Callable[[dict[str, Json]], dict[str, Json]]) -> Any:
    """Every object in an answer, the innermost first, is what the function makes of it."""

    def walk(value: Json) -> Json:
        if isinstance(value, dict):
            return make({name: walk(inner) for name, inner in value.items()})
        return [walk(inner) for inner in value] if isinstance(value, list) else value

    return said(walk)


change(
    "property-of-a-document",
    INCIDENT,
    "Documents have a new property, word_count.",
    answer("documents.*", each(lambda record: record.update(word_count=17) if "title" in record else None)),
    promise=PROPERTIES,
)


change(
    "property-of-an-incident",
    INCIDENT,
    "Incidents have a new property, an object.",
    answer("incidents.*", each(lambda record: record.update(impact={"customers": 0}))),
    promise=PROPERTIES,
)


change(
    "property-of-a-follow-up",
    INCIDENT,
    "Follow-ups have a new property, null at times.",
    answer("follow-ups.*", each(lambda record: record.update(due_at=None))),
    promise=PROPERTIES,
)


change(
    "property-of-an-update",
    INCIDENT,
    "Updates have a new property.",
    answer("updates.*", each(lambda record: record.update(edited=False))),
    promise=PROPERTIES,
)


change(
    "property-of-a-user",
    INCIDENT,
    "Users have a new property.",
    answer("people.*", each(lambda record: record.update(time_zone="Europe/London"))),
    promise=PROPERTIES,
)


change(
    "property-of-the-envelope",
    INCIDENT,
    "Every answer has a new property beside the record.",
    answer("*", said(lambda body: {**body, "links": {}} if isinstance(body, dict) else body)),
    promise=PROPERTIES,
)


change(
    "property-of-the-page",
    INCIDENT,
    "pagination_meta has a new property.",
    answer(
        "*.list",
        said(
            lambda body: body["pagination_meta"].update(has_more=False) if "pagination_meta" in body else None
        ),
    ),
    promise=PROPERTIES,
)


change(
    "property-of-an-error",
    INCIDENT,
    "Errors have a new property, and each of their entries, too.",
    answer(
        "*",
        said(
            lambda body: (
                {
                    **body,
                    "documentation_url": "https://docs.example",
                    "errors": [{**error, "level": "error"} for error in body["errors"]],
                }
                if isinstance(body, dict) and "errors" in body
                else body
            )
        ),
        when=lambda status: status >= 400,
    ),
    promise=PROPERTIES,
)


change(
    "property-everywhere",
    INCIDENT,
    "Every object at every depth of an answer has a new property.",
    answer("*.get *.list", everywhere(lambda item: {**item, "_v": 2})),
    promise=PROPERTIES,
)


change(
    "severities-new-property",
    INCIDENT,
    "Severities and statuses have a new property.",
    answer(
        "severities.* statuses.*",
        everywhere(lambda item: {**item, "colour": "red"} if "rank" in item else item),
    ),
    promise=PROPERTIES,
)


change(
    "reordered",
    INCIDENT,
    "All objects have their properties from Z to A.",
    answer("*", everywhere(lambda item: dict(sorted(item.items(), reverse=True)))),
    promise=REORDERED,
)


change(
    "reordered-errors",
    INCIDENT,
    "Errors have their properties in another order.",
    answer("*", everywhere(lambda item: dict(reversed(item.items()))), when=lambda status: status >= 400),
    promise=REORDERED,
)
