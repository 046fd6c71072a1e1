"""Follow-ups made, shown, changed and deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import UNKNOWN, IncidentIo, Json, refused
from contract_tests.incident_io.follow_ups import (
    LIST,
    TITLE,
    create,
    delete,
    ids,
    post,
    put,
    show,
    update,
    walk,
)
from contract_tests.laws import law

REQUIRED = {"id", "incident_id", "creator", "title", "status", "labels", "created_at", "updated_at"}
OPTIONAL = {
    *("description", "assignee", "assignee_team", "priority", "category", "completed_at"),
    "external_issue_reference",
}


@pytest.fixture
def everything(deployment: Deployment) -> Json:
    """What a follow-up can be given, all of it."""
    return {
        "description": "Call the *fire brigade*",
        "assignee_id": deployment.need("incident_user_id"),
        "assignee_team_id": deployment.need("incident_team_id"),
        "follow_up_priority_option_id": deployment.need("incident_priority_id"),
        "follow_up_category_id": deployment.need("incident_category_id"),
        "labels": ["bug", "urgent"],
    }


def holds(follow_up: Json, given: Json) -> None:
    assert follow_up["description"] == given["description"]
    assert follow_up["assignee"]["id"] == given["assignee_id"]
    assert follow_up["assignee_team"]["id"] == given["assignee_team_id"]
    assert follow_up["priority"]["id"] == given["follow_up_priority_option_id"]
    assert follow_up["category"]["id"] == given["follow_up_category_id"]
    assert follow_up["labels"] == given["labels"]


def has_nothing_optional(incident: IncidentIo, follow_up: Json) -> bool:
    if incident.shared:  # where more may have come since
        return follow_up.keys() >= REQUIRED and not follow_up.keys() & OPTIONAL
    return follow_up.keys() == REQUIRED


@law("incident-io/follow-up.create")
def test_a_follow_up_has_what_was_sent(incident: IncidentIo, everything: Json, strict: bool) -> None:
    answer = post(incident, **everything)
    assert answer.status_code == 201
    assert not strict or answer.json().keys() == {"follow_up"}
    follow_up = answer.json()["follow_up"]
    assert (follow_up["title"], follow_up["incident_id"]) == (TITLE, incident.incident)
    assert follow_up["status"] == "outstanding"
    assert set(follow_up["creator"]) == {"api_key"}
    holds(follow_up, everything)


@law("incident-io/follow-up.optional")
def test_what_has_no_value_is_left_out(incident: IncidentIo) -> None:
    follow_up = create(incident)
    assert has_nothing_optional(incident, follow_up)
    assert follow_up["labels"] == []


@law("incident-io/follow-up.show")
def test_a_follow_up_is_shown_and_listed_as_it_was_answered(incident: IncidentIo, everything: Json) -> None:
    follow_up = create(incident, **everything)
    assert incident.same(show(incident, follow_up["id"]), follow_up)
    changed = update(incident, follow_up, title="Another title")
    assert incident.same(show(incident, follow_up["id"]), changed)
    listed = walk(incident, incident_id=incident.incident, page_size=250)
    assert incident.same(next(it for it in listed if it["id"] == follow_up["id"]), changed)
    assert incident.shared or listed[-1] == changed


@law("incident-io/follow-up.update")
def test_an_update_changes_what_is_given_and_nothing_else(incident: IncidentIo, everything: Json) -> None:
    follow_up = create(incident, **everything)
    changed = update(incident, follow_up, title="Another title", status="not_doing", labels=["later"])
    expected = {"title": "Another title", "status": "not_doing", "labels": ["later"]}
    assert incident.same(changed, follow_up | expected | {"updated_at": changed["updated_at"]})


@law("incident-io/follow-up.update")
def test_an_update_gives_everything(incident: IncidentIo, everything: Json) -> None:
    holds(update(incident, create(incident), **everything), everything)


@law("incident-io/follow-up.update")
@pytest.mark.parametrize(
    ("member", "field"), [("assignee_id", "assignee"), ("assignee_team_id", "assignee_team")]
)
def test_null_takes_an_assignee_away(incident: IncidentIo, everything: Json, member: str, field: str) -> None:
    follow_up = create(incident, **everything)
    changed = update(incident, follow_up, **{member: None})
    assert follow_up.keys() - changed.keys() == {field}


@law("incident-io/follow-up.null")
def test_null_as_another_member_counts_as_absent(incident: IncidentIo, everything: Json) -> None:
    assert has_nothing_optional(incident, create(incident, **dict.fromkeys(everything)))
    follow_up = create(incident, **everything)
    kept = [member for member in everything if not member.startswith("assignee")]
    changed = update(incident, follow_up, **dict.fromkeys(kept))
    assert incident.same(changed, follow_up | {"updated_at": changed["updated_at"]})


def time(follow_up: Json, field: str) -> datetime:
    return datetime.fromisoformat(follow_up[field])


@law("incident-io/follow-up.times")
def test_a_completed_follow_up_says_when_it_was_completed(incident: IncidentIo) -> None:
    made = create(incident)
    done = update(incident, made, status="completed")
    assert time(made, "updated_at") < time(done, "updated_at") == time(done, "completed_at")
    again = update(incident, done, title="Another title")
    assert again["completed_at"] == done["completed_at"]
    assert time(again, "updated_at") > time(done, "updated_at")
    assert "completed_at" not in update(incident, again, status="outstanding")


@law("incident-io/follow-up.status-deleted")
def test_an_update_cannot_delete(incident: IncidentIo) -> None:
    follow_up = create(incident)
    assert 400 <= put(incident, follow_up, status="deleted").status_code < 500
    assert incident.same(show(incident, follow_up["id"]), follow_up)


NAMING = [
    "assignee_id",
    "assignee_team_id",
    "follow_up_priority_option_id",
    "follow_up_category_id",
    "external_issue_reference_id",
]


@law("incident-io/follow-up.refused")
@pytest.mark.parametrize("member", NAMING)
@pytest.mark.parametrize("name", [UNKNOWN, "nonsense", ""])
def test_what_is_not_there_answers_422(incident: IncidentIo, member: str, name: str) -> None:
    source = {"field": member, "pointer": f"/{member}"}
    answers = [post(incident, **{member: name})]
    if member != "external_issue_reference_id":
        answers.append(put(incident, create(incident), **{member: name}))
    for answer in answers:
        assert refused(answer, 422, "validation_error", "invalid_value")[0]["source"] == source


@law("incident-io/follow-up.refused")
def test_an_update_to_deleted_answers_422(incident: IncidentIo) -> None:
    errors = refused(
        put(incident, create(incident), status="deleted"), 422, "validation_error", "invalid_value"
    )
    assert errors[0]["source"] == {"field": "status", "pointer": "/status"}


WRONG: dict[str, tuple[str, Json, str]] = {
    "no incident": ("POST", {"title": "x"}, "missing_field"),
    "no title": ("POST", {"incident_id": UNKNOWN}, "missing_field"),
    "title is null": ("POST", {"incident_id": UNKNOWN, "title": None}, "missing_field"),
    "title is a number": ("POST", {"incident_id": UNKNOWN, "title": 5}, "invalid_field_type"),
    "labels are a text": (
        "POST",
        {"incident_id": UNKNOWN, "title": "x", "labels": "x"},
        "invalid_field_type",
    ),
    "a label is a number": (
        "POST",
        {"incident_id": UNKNOWN, "title": "x", "labels": [5]},
        "invalid_field_type",
    ),
    "no status": ("PUT", {"title": "x"}, "missing_field"),
    "no title to change": ("PUT", {"status": "completed"}, "missing_field"),
    "another status": ("PUT", {"title": "x", "status": "done"}, "invalid_enum_value"),
}


@law("incident-io/follow-up.fields")
@pytest.mark.parametrize("kind", WRONG)
def test_a_body_that_breaks_the_document_answers_422(incident: IncidentIo, kind: str) -> None:
    method, body, code = WRONG[kind]
    path = LIST if method == "POST" else f"{LIST}/{UNKNOWN}"
    refused(incident.send(method, path, json=body), 422, "validation_error", code)


@law("incident-io/follow-up.delete")
def test_deleting_answers_without_a_body(incident: IncidentIo) -> None:
    answer = delete(incident, create(incident)["id"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers


@law("incident-io/follow-up.deleted")
def test_a_deleted_follow_up_is_shown_as_deleted(incident: IncidentIo) -> None:
    follow_up = create(incident)
    delete(incident, follow_up["id"])
    gone = show(incident, follow_up["id"])
    assert incident.same(gone, follow_up | {"status": "deleted", "updated_at": gone["updated_at"]})
    assert follow_up["id"] in ids(walk(incident, incident_id=incident.incident, page_size=250))
    assert delete(incident, follow_up["id"]).status_code == 204
    assert show(incident, follow_up["id"]) == gone


@law("incident-io/follow-up.unknown")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_follow_up_that_is_not_there_answers_404(
    incident: IncidentIo, stranger: IncidentIo, method: str
) -> None:
    for name in (UNKNOWN, "nonsense", create(stranger)["id"]):
        body: dict[str, Any] = {"json": {"title": "x", "status": "completed"}} if method == "PUT" else {}
        refused(incident.send(method, f"{LIST}/{name}", **body), 404, "not_found", "resource_not_found")


@law("incident-io/follow-up.unknown")
def test_no_follow_up_is_made_for_an_incident_that_is_not_there(
    incident: IncidentIo, stranger: IncidentIo
) -> None:
    for name in (UNKNOWN, "123", "", stranger.incident):
        refused(post(incident, incident_id=name), 404, "not_found", "resource_not_found")


@law("incident-io/follow-up.scopes")
@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "", "actions.view"),
        ("GET", "/{id}", "actions.view"),
        ("POST", "", "follow_ups.create"),
        ("PUT", "/{id}", "follow_ups.update"),
        ("DELETE", "/{id}", "follow_ups.destroy"),
    ],
)
def test_a_key_without_the_scope_of_an_operation_answers_403(
    incident: IncidentIo, without_scope: IncidentIo, method: str, path: str, scope: str
) -> None:
    follow_up = create(incident)
    answer = without_scope.send(method, LIST + path.format(id=follow_up["id"]))
    errors = refused(answer, 403, "resource_forbidden", "missing_required_scope")
    assert errors[0]["metadata"]["scope"] == scope
    assert incident.same(show(incident, follow_up["id"]), follow_up)
