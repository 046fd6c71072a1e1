"""Why incident.io refuses: by what the check or the model said."""

from __future__ import annotations

from mockserver.core.clues import below, both, breached, has_body, header, method, no, operation
from mockserver.core.errors import (
    Breach,
    Conflict,
    Invalid,
    Malformed,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    Refusal,
    Throttled,
    TooLarge,
    UnsupportedMedia,
)
from mockserver.core.explaining import Case, Cases, Facts, When, of_breach, when
from mockserver.providers.incident_io.explaining import documents, incidents
from mockserver.providers.incident_io.explaining.catalog import CATALOG
from mockserver.providers.incident_io.explaining.follow_ups import PATHS as FOLLOW_UPS

USERS = "/v2/users"
DOCUMENTS = "/v1/postmortem_documents"
_EDITING = operation(incidents.EDIT)
_CREATING = operation(incidents.CREATE)
_SHARING = operation(incidents.UPDATE)
_IMPORTING = operation(documents.IMPORT)
_ATTACHING = operation(documents.ATTACH)
_SETTING_STATUS = operation(documents.STATUS)


def has_source(facts: Facts) -> bool:
    """One of the answered errors says where it is."""
    errors = facts.answered.get("errors")
    return isinstance(errors, list) and any(isinstance(error, dict) and "source" in error for error in errors)


def _reason(reason: str) -> When:
    return lambda facts: isinstance(facts.refusal, NotAuthenticated) and facts.refusal.reason == reason


def _null(facts: Facts) -> bool:
    return any(breach.rule == "type" and breach.value is None and breach.pointer for breach in facts.breaches)


def _wrong_type(facts: Facts) -> bool:
    return any(
        breach.rule == "type" and breach.value is not None and breach.pointer and breach.where == "body"
        for breach in facts.breaches
    )


def _several(facts: Facts) -> bool:
    return len(facts.breaches) > 1


def _no_object(facts: Facts) -> bool:
    return any(not breach.pointer for breach in facts.breaches)


def _query(facts: Facts) -> bool:
    return any(breach.where == "query" for breach in facts.breaches)


def _of_scope(facts: Facts) -> str:
    scope = facts.refusal.scope if isinstance(facts.refusal, NotPermitted) else ""
    return f"refused: the key lacks the scope {scope}"


def _of_breach(breach: Breach) -> str:
    field = ".".join(breach.pointer)
    match breach.rule:
        case "exists":
            return f"{field} names no {breach.expected or 'record'} of the organisation"
        case "transition":
            return f"{field} is a status that the incident cannot move to"
        case "severity-required":
            return "an incident that is not in triage needs a severity"
        case "nothing-to-share":
            return "there is nothing to share"
        case "operator":
            return f"the filter {field} has no operator {breach.value!r}"
        case "bounds":
            return f"the filter {field} has both gte and lte"
        case "date" | "moment":
            return f"the filter {field} has a value that is no {breach.rule}"
        case "taken":
            return f"{field} is another incident's number"
        case "one-value" | "custom-field-value":
            return f"{field} is no value for its custom field"
        case "not-by-update":
            return f"{field} is not set by an update"
    return of_breach(breach)


def _of_breaches(facts: Facts) -> str:
    where = "query" if _query(facts) else "body"
    return f"refused for its {where}: " + ", and ".join(map(_of_breach, facts.breaches))


_RANGES = breached("minimum", "page_size"), breached("maximum", "page_size"), breached("type", "page_size")


def _page_size(facts: Facts) -> bool:
    return any(holds(facts) for holds in _RANGES)


_OF_QUERY = (
    when(both(operation(incidents.LIST), _page_size), "incidents.page-size-range"),
    when(both(operation(incidents.LIST), breached("date")), "incidents.filter-date-words"),
    when(both(operation(incidents.LIST), breached("bounds")), "incidents.filter-both-bounds"),
    when(both(operation(incidents.LIST), breached("operator")), "incidents.filter-operator"),
    when(both(operation(incidents.LIST), breached("type", "incident_role")), "incidents.filter-roles"),
    when(
        both(operation(incidents.LIST), breached("type", "custom_field")),
        "incidents.filter-custom-field-values",
    ),
    when(both(operation(incidents.LIST), breached("enum", "sort_by")), "incidents.order"),
    when(both(operation(incidents.LIST), breached("enum", "filter_mode")), "incidents.filter-mode"),
    when(operation(documents.LIST), "documents.query-refused"),
    when(both(below(FOLLOW_UPS), breached("enum", "incident_mode")), "follow-up.filter-mode"),
    when(both(below(FOLLOW_UPS), _page_size), "follow-up.list-order"),
    when(below(FOLLOW_UPS), "follow-up.filter-refused"),
    when(operation(incidents.UPDATES), "updates.list"),
    when(below(USERS), "users.pages"),
    when(both(below(USERS), breached("type", "include_inactive")), "users.inactive"),
    # What Goa says of any query.
    when(breached(), "documents.query-refused"),
)
_OF_BODY = (
    when(both(_CREATING, breached("severity-required")), "create.severity"),
    when(both(_CREATING, breached("required")), "create.required"),
    when(both(_CREATING, breached("exists")), "create.unknown-ids"),
    when(both(_CREATING, breached("custom-field-value")), "create.unknown-ids"),
    when(both(_EDITING, breached("transition")), "edit.no-move"),
    when(both(_EDITING, breached("required")), "edit.required"),
    when(both(_EDITING, breached("exists")), "create.unknown-ids"),
    when(both(_SHARING, breached("nothing-to-share")), "updates.something"),
    when(_SHARING, "updates.refused"),
    when(both(_SHARING, breached("transition")), "edit.no-move"),
    when(_SETTING_STATUS, "status.refused"),
    when(_ATTACHING, "attach.refused"),
    when(both(_ATTACHING, breached("enum", "document_provider")), "attach.provider"),
    when(both(below(FOLLOW_UPS), breached("not-by-update")), "follow-up.status-deleted"),
    when(
        both(
            below(FOLLOW_UPS),
            lambda facts: any(breach.rule in ("exists", "not-by-update") for breach in facts.breaches),
        ),
        "follow-up.refused",
    ),
    when(both(below(FOLLOW_UPS), breached("required")), "follow-up.fields"),
    when(both(below(FOLLOW_UPS), breached("enum")), "follow-up.fields"),
    when(both(below(FOLLOW_UPS), breached("type")), "follow-up.fields"),
    when(_null, "field.null"),
    when(breached("required"), "field.missing"),
    when(_wrong_type, "field.type"),
    when(_several, "field.null"),
    # What names nothing, or is no value for what it is given to.
    when(lambda facts: not _IMPORTING(facts), "create.unknown-ids"),
)
_BODY_FIRST = when(lambda facts: "id" in facts.path, "order.body-before-incident")
_KEY_FIRST = when(no(method("GET")), "order.key-then-scope")

REFUSED: dict[type[Refusal], Cases] = {
    NotAuthenticated: (
        Case("refused: no API key has this token", ("auth.unknown-key", _KEY_FIRST), _reason("unknown")),
        Case(
            "refused: Authorization is not `Bearer` and a token",
            ("auth.other-scheme", "auth.missing", _KEY_FIRST),
            header("authorization"),
        ),
        Case("refused: the request has no Authorization", ("auth.missing", _KEY_FIRST)),
    ),
    NotPermitted: (
        Case(
            _of_scope,
            (
                when(_EDITING, "edit.scopes"),
                when(_SHARING, "updates.scopes"),
                when(below(DOCUMENTS), "documents.scopes"),
                when(below(FOLLOW_UPS), "follow-up.scopes"),
                when(below(*CATALOG), "catalog.scope"),
                "auth.missing-scope",
                _KEY_FIRST,
            ),
        ),
    ),
    Throttled: (
        Case(
            "refused: the key has used up its requests of this minute",
            (
                when(operation(incidents.LIST), "rate.list", "rate.list-apart"),
                "rate.limit",
                "rate.answer",
                "rate.retry-after-header",
            ),
        ),
    ),
    NotFound: (
        Case(
            "refused: the document is external: its text is with another provider",
            ("attach.no-content", "documents.unknown"),
            operation(documents.CONTENT),
        ),
        Case(
            "refused: the document does not exist, or is another organisation's",
            ("documents.unknown", when(has_body, "status.refused")),
            operation(documents.SHOW, documents.STATUS),
        ),
        Case(
            "refused: the incident that the body names does not exist, or is another organisation's",
            ("attach.refused",),
            _ATTACHING,
        ),
        Case(
            "refused: the follow-up, or the incident to create one for, does not exist or is another organisation's",
            ("follow-up.unknown",),
            below(FOLLOW_UPS),
        ),
        Case(
            "refused: the incident that the body names does not exist, or is another organisation's",
            ("updates.refused", "incident.unknown", "incident.unknown-message"),
            _SHARING,
        ),
        Case(
            "refused: no incident of the organisation has this id or number",
            ("incidents.show-unknown", "incident.unknown", "incident.unknown-message"),
            operation(incidents.SHOW),
        ),
        Case(
            "refused: the incident does not exist, or is another organisation's; looked up after the body was read",
            ("incident.unknown", "incident.unknown-message", "order.body-before-incident"),
            operation(incidents.EDIT, documents.IMPORT),
        ),
        Case("refused: the id is none, or another organisation's", ("catalog.unknown",)),
    ),
    Conflict: (
        Case(
            "refused: the incident has an in-app document already",
            ("attach.beside-in-app", "attach.beside-in-app-answer"),
        ),
    ),
    UnsupportedMedia: (
        Case("refused: bodies of this content type are not read", ("content-type.unsupported", _BODY_FIRST)),
    ),
    TooLarge: (Case("refused: the body is too long", ("body.too-large", _BODY_FIRST)),),
    Malformed: (Case("refused: the body cannot be parsed", ("body.malformed", _BODY_FIRST)),),
    Invalid: (
        Case("refused: there is no body", ("body.no-object", _BODY_FIRST), breached("payload")),
        Case("refused: the body is no object", ("body.no-object", _BODY_FIRST), _no_object),
        Case(_of_breaches, _OF_QUERY, _query),
        Case(_of_breaches, (*_OF_BODY, _BODY_FIRST)),
    ),
}
