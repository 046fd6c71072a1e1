from __future__ import annotations

from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import (
    MESSAGE_FIELDS,
    NO_PERMISSION,
    NOT_BLANK,
    NOT_FOUND,
    NOTES,
    REQUIRED,
    USERS,
    OnCall,
    ids,
    one,
)
from contract_tests.laws import law

BOTH = pytest.mark.parametrize("method", ["PUT", "PATCH"])
FOREIGN = {"detail": "Cannot update message with this source type"}


@law("grafana-oncall/note.shape")
def test_a_note_is_answered_with_six_fields_however_one_comes_to_it(oncall: OnCall) -> None:
    created = oncall.note("  Restarted it \n")
    assert set(created) == MESSAGE_FIELDS
    assert (created["text"], created["source"]) == ("Restarted it", "Web")
    assert created["author"] == oncall.got(USERS, "current")["id"]
    assert created == oncall.got(NOTES, created["id"])
    assert created in oncall.everything(NOTES, alert_group_id=oncall.group)


@law("grafana-oncall/note.fields")
def test_a_note_wants_an_alert_group_and_a_text(oncall: OnCall) -> None:
    for body, errors in (
        ({}, {"alert_group_id": REQUIRED, "text": REQUIRED}),
        (
            {"alert_group_id": "NOPE", "text": " "},
            {"alert_group_id": ["Object does not exist"], "text": NOT_BLANK},
        ),
        ({"alert_group_id": oncall.group, "text": {}}, {"text": ["Not a valid string."]}),
    ):
        answer = oncall.send("POST", NOTES, json=body)
        assert (answer.status_code, answer.json()) == (400, errors)


@law("grafana-oncall/note.update")
@BOTH
def test_an_update_keeps_author_and_time_also_by_somebody_else(
    oncall: OnCall, editor: OnCall, method: str
) -> None:
    created = oncall.note("before")
    answer = editor.send(method, one(NOTES, created["id"]), json={"text": "after", "alert_group_id": "NOPE"})
    assert (answer.status_code, answer.json()) == (200, created | {"text": "after"})
    assert oncall.got(NOTES, created["id"])["text"] == "after"


@law("grafana-oncall/note.patch-without-text")
@pytest.mark.parametrize("body", [{}, {"alert_group_id": "NOPE"}])
def test_a_patch_without_a_text_changes_nothing(oncall: OnCall, body: dict[str, Any]) -> None:
    created = oncall.note("as it was")
    answer = oncall.send("PATCH", one(NOTES, created["id"]), json=body)
    assert (answer.status_code, answer.json()) == (200, created)


@law("grafana-oncall/note.delete")
def test_a_deleted_note_is_gone(oncall: OnCall) -> None:
    created = oncall.note()
    answer = oncall.send("DELETE", one(NOTES, created["id"]), content=b"{")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        gone = oncall.send(method, one(NOTES, created["id"]), content=b"{")
        assert (gone.status_code, gone.json()) == (404, NOT_FOUND)
    assert created["id"] not in ids(oncall.everything(NOTES, alert_group_id=oncall.group))


@law("grafana-oncall/note.source")
@BOTH
def test_a_note_that_was_written_elsewhere_is_not_edited_here(
    oncall: OnCall, deployment: Deployment, method: str
) -> None:
    for note_id in deployment.need("oncall_foreign_notes").split(","):
        before = oncall.got(NOTES, note_id)
        assert before["source"] in ("Slack", "Mobile App", None)
        answer = oncall.send(method, one(NOTES, note_id), json={"text": "x"})
        assert (answer.status_code, answer.json()) == (400, FOREIGN)
        blank = oncall.send(method, one(NOTES, note_id), json={"text": ""})
        assert (blank.status_code, blank.json()) == (400, {"text": NOT_BLANK})
        assert oncall.got(NOTES, note_id) == before


@law("grafana-oncall/note.foreign-patch-without-text")
def test_a_note_that_was_written_elsewhere_is_refused_without_a_text_too(
    oncall: OnCall, deployment: Deployment
) -> None:
    note_id = deployment.need("oncall_foreign_notes").split(",")[0]
    answer = oncall.send("PATCH", one(NOTES, note_id), json={})
    assert (answer.status_code, answer.json()) == (400, FOREIGN)


@law("grafana-oncall/note.rights")
def test_a_viewer_reads_notes_a_user_without_a_role_does_not(
    oncall: OnCall, viewer: OnCall, without_role: OnCall
) -> None:
    created = oncall.note()
    path, body = one(NOTES, created["id"]), {"alert_group_id": oncall.group, "text": "x"}
    assert viewer.got(NOTES, created["id"]) == created
    for user, method, where in (
        *((viewer, method, path) for method in ("PUT", "PATCH", "DELETE")),
        (viewer, "POST", NOTES),
        (without_role, "GET", NOTES),
        (without_role, "GET", path),
    ):
        answer = user.send(method, where, json=body)
        assert (answer.status_code, answer.json()) == (403, NO_PERMISSION)
    assert oncall.got(NOTES, created["id"]) == created


@law("grafana-oncall/note.tenant")
def test_another_organization_neither_sees_nor_changes_a_note(oncall: OnCall, stranger: OnCall) -> None:
    created = oncall.note()
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        answer = stranger.send(method, one(NOTES, created["id"]), json={"text": "x"})
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert created["id"] not in ids(stranger.everything(NOTES))
    assert oncall.got(NOTES, created["id"]) == created
