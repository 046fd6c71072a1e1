"""Why Grafana OnCall refuses a body: its form, then what it says."""

from __future__ import annotations

from mockserver.core.clues import anything, below, breached, header
from mockserver.core.errors import Breach, Invalid, Malformed, Refusal, TooLarge, UnsupportedMedia
from mockserver.core.explaining import Case, Cases, Facts, of_breach, when
from mockserver.providers.grafana_oncall.explaining.notes import MESSAGES, NOTES
from mockserver.providers.grafana_oncall.explaining.postmortems import WRITTEN

# How the document says that a text may be a number.
TYPES = ("type", "anyOf")


def _no_object(facts: Facts) -> bool:
    return any(not breach.pointer for breach in facts.breaches)


def _overlooked(facts: Facts) -> bool:
    """A body in chunks was taken as empty: the quirk."""
    return breached("required")(facts) and bool(facts.sent) and header("transfer-encoding")(facts)


def _text_of_null_or_blank(facts: Facts) -> bool:
    return any(
        breach.pointer == ("text",)
        and (breach.rule == "blank" or (breach.rule in TYPES and breach.value is None))
        for breach in facts.breaches
    )


def _text_of_another_type(facts: Facts) -> bool:
    return any(
        breach.pointer == ("text",) and breach.rule in TYPES and breach.value is not None
        for breach in facts.breaches
    )


def _group_at_fault(facts: Facts) -> bool:
    return any(
        breach.pointer == ("alert_group_id",) and breach.rule != "required" for breach in facts.breaches
    )


# What the model says beside the document.
_WORDS = {
    "exists": "names no alert group of the organization",
    "blank": "is blank",
    "null-characters": "has a NUL in it",
    "surrogates": "has a lone surrogate in it",
}


def _of_breach(breach: Breach) -> str:
    words = _WORDS.get(breach.rule)
    return of_breach(breach) if words is None else f"{'.'.join(breach.pointer)} {words}"


def _of_breaches(facts: Facts) -> str:
    return "refused: " + ", and ".join(_of_breach(breach) for breach in facts.breaches)


REFUSED: dict[type[Refusal], Cases] = {
    UnsupportedMedia: (
        Case("refused: bodies of this content type are not read", ("content-type.unsupported",)),
    ),
    TooLarge: (Case("refused: the body is too long", ("body.too-large",)),),
    Malformed: (Case("refused: the body cannot be parsed", ("body.malformed", "body.never-500", *WRITTEN)),),
    Invalid: (
        Case("refused: the body is no object", ("body.not-an-object",), _no_object),
        Case("refused: a body in chunks is taken as empty", ("quirk.chunked", "field.required"), _overlooked),
        Case(
            _of_breaches,
            (
                when(breached("required"), "field.required"),
                when(_text_of_null_or_blank, "field.text-null-or-blank"),
                when(_text_of_another_type, "field.text-type"),
                when(
                    anything(breached("null-characters"), breached("surrogates")),
                    "field.text-forbidden-characters",
                ),
                when(_group_at_fault, "field.alert-group"),
                when(below(NOTES), "note.fields"),
                when(below(MESSAGES), "message.shape"),
                *WRITTEN,
            ),
        ),
    ),
}
