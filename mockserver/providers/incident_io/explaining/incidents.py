"""What is done to incidents and their updates."""

from __future__ import annotations

from mockserver.core.clues import argument, both, changed, no, operator, sent
from mockserver.core.explaining import Case, Cases, Facts, When, when
from mockserver.providers.incident_io.explaining.documents import has_more, is_empty, written

LIST = "Incidents V2_List"
CREATE = "Incidents V2_Create"
SHOW = "Incidents V2_Show"
EDIT = "Incidents V2_Edit"
UPDATES = "Incident Updates V2_List"
UPDATE = "Incident Updates V2_Create"
FILTERS = (
    "status",
    "status_category",
    "severity",
    "incident_type",
    "mode",
    "created_at",
    "updated_at",
    "incident_role",
    "custom_field",
)
CREATE_MEMBERS = (
    "idempotency_key",
    "visibility",
    "name",
    "summary",
    "mode",
    "severity_id",
    "incident_type_id",
    "incident_status_id",
    "custom_field_entries",
    "incident_role_assignments",
    "incident_timestamp_values",
    "retrospective_incident_options",
    "slack_team_id",
    "slack_channel_name_override",
)
EVERY_INCIDENT = (
    "incidents.links",
    "incidents.no-nulls",
    "incidents.everything-configured",
    "incidents.every-role",
)


def _list_words(facts: Facts) -> str:
    given = {name.partition("[")[0] for name, _ in facts.request.arguments}
    asked = [name for name in FILTERS if name in given]
    which = f"filtered by {', '.join(asked)}" if asked else "with nothing hidden shown"
    return f"done: a page of the organisation's incidents, {which}"


def _incident(facts: Facts) -> dict[str, object]:
    found = facts.answered.get("incident")
    return found if isinstance(found, dict) else {}


def _in_triage(facts: Facts) -> bool:
    status = _incident(facts).get("incident_status")
    return isinstance(status, dict) and status.get("category") == "triage"


def _given(field: str) -> When:
    """An edit names this property of the incident."""
    return lambda facts: isinstance(facts.sent.get("incident"), dict) and field in facts.sent["incident"]


def _unset(field: str, value: str) -> When:
    """One of the entries of this property has no value."""

    def holds(facts: Facts) -> bool:
        changes = facts.sent.get("incident")
        entries = changes.get(field, ()) if isinstance(changes, dict) else ()
        return any(isinstance(entry, dict) and not entry.get(value) for entry in entries or ())

    return holds


def _resolves(facts: Facts) -> bool:
    """A timestamp was set that was not set before."""
    return any(
        change.collection == "incidents"
        and len(getattr(change.after, "timestamps", ())) > len(getattr(change.before, "timestamps", ()))
        for change in facts.changes
    )


def _with_document(facts: Facts) -> bool:
    return bool(_incident(facts).get("postmortem_document_ids"))


DONE: dict[str, Cases] = {
    LIST: (
        Case(
            _list_words,
            (
                when(
                    both(argument("after"), is_empty("incidents")),
                    "incidents.after-unknown",
                    "incidents.pages",
                ),
                when(
                    operator("severity", "gte", "lte"),
                    "incidents.filter-severity-rank",
                ),
                when(operator("incident_role", "is_set"), "incidents.filter-roles-set"),
                when(argument("incident_role"), "incidents.filter-roles"),
                when(operator("custom_field", "is_blank"), "incidents.filter-custom-field-values"),
                when(
                    argument("custom_field"),
                    "incidents.filter-custom-fields",
                    "incidents.filter-custom-field-values",
                ),
                when(argument("created_at", "updated_at"), "incidents.filter-dates"),
                when(
                    argument("status", "status_category", "severity", "incident_type", "mode"),
                    "incidents.filter-one-of",
                ),
                when(argument("filter_mode"), "incidents.filter-mode"),
                when(argument("sort_by"), "incidents.order"),
                when(argument("page_size"), "incidents.page-size"),
                when(argument("after"), "incidents.pages"),
                when(no(argument("mode")), "incidents.default-modes"),
                when(no(argument("status_category")), "incidents.hidden-categories"),
                "incidents.list-shape",
                "incidents.order",
                "incidents.page-size",
                when(has_more, "incidents.pages"),
            ),
        ),
    ),
    CREATE: (
        Case(
            "done: the incident that this idempotency_key opened before was shown; nothing else was looked at",
            ("create.idempotent", "create.answer"),
            no(changed()),
        ),
        Case(
            "done: an incident was opened",
            (
                when(_in_triage, "create.status", "create.triage-without-severity"),
                "create.answer",
                when(no(sent("name")), "create.name"),
                when(sent("incident_role_assignments"), "create.reporter-leads"),
                "create.status",
                "create.defaults",
                "create.creator",
                "create.timestamps",
                "create.key-of-an-organisation",
                "updates.first",
                *written(*CREATE_MEMBERS),
            ),
        ),
    ),
    SHOW: (
        Case(
            "done: the incident was shown",
            ("incidents.show", when(_with_document, "incidents.documents"), "incidents.documents"),
        ),
    ),
    EDIT: (
        Case(
            "done: the incident has what was given already, so nothing was changed",
            ("edit.only-given",),
            no(changed()),
        ),
        Case(
            "done: the incident has what was given, and the rest of what it had",
            (
                when(_unset("custom_field_entries", "values"), "edit.unset"),
                when(_unset("incident_role_assignments", "assignee"), "edit.unassign"),
                when(_unset("incident_timestamp_values", "value"), "edit.unassign"),
                when(_given("incident_status_id"), "edit.moves"),
                when(_resolves, "edit.resolved-at"),
                "edit.only-given",
                when(changed("incident_updates"), "updates.of-edits"),
                "edit.scopes",
            ),
        ),
    ),
    UPDATES: (
        Case(
            "done: incident_id is the full id of no incident that has updates, so the list is empty",
            ("updates.unknown-incident", "updates.list"),
            both(argument("incident_id"), is_empty("incident_updates")),
        ),
        Case(
            lambda facts: (
                "done: a page of the updates of one incident"
                if facts.request.argument("incident_id")
                else "done: a page of the updates of all incidents"
            ),
            ("updates.list", "updates.order", "updates.first", "updates.of-edits"),
        ),
    ),
    UPDATE: (
        Case(
            "done: the update that this idempotency_key made before was shown; nothing was changed",
            ("updates.idempotent", "updates.create"),
            no(changed()),
        ),
        Case(
            "done: an update was shared",
            (
                "updates.create",
                when(sent("to_incident_status_id"), "edit.moves"),
                when(_resolves, "edit.resolved-at"),
                when(sent("to_incident_status_id", "to_severity_id"), "updates.scopes"),
            ),
        ),
    ),
}
