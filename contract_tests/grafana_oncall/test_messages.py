from __future__ import annotations

import pytest

from contract_tests.grafana_oncall.client import (
    MESSAGE_FIELDS,
    MESSAGES,
    NO_PERMISSION,
    NOT_FOUND,
    NOTES,
    OnCall,
    ids,
    one,
)
from contract_tests.laws import law


@law("grafana-oncall/message.shape")
def test_a_message_is_answered_with_six_fields_however_one_comes_to_it(oncall: OnCall) -> None:
    created = oncall.note("Demo postmortem message", resource=MESSAGES)
    assert set(created) == MESSAGE_FIELDS
    assert (created["source"], created["alert_group_id"]) == ("web", oncall.group)
    assert created == oncall.got(MESSAGES, created["id"])
    assert created in oncall.everything(MESSAGES, alert_group_id=oncall.group)


@law("grafana-oncall/message.list")
def test_the_list_has_four_fields_and_a_filter(oncall: OnCall) -> None:
    created = oncall.note("one", resource=MESSAGES)
    shown = oncall.got(MESSAGES, alert_group_id=oncall.group)
    assert set(shown) == {"count", "next", "previous", "results"}
    found = oncall.everything(MESSAGES, alert_group_id=oncall.group)
    assert created["id"] in ids(found)
    assert {it["alert_group_id"] for it in found} == {oncall.group}
    assert oncall.got(MESSAGES, alert_group_id="NOPE")["count"] == 0


@law("grafana-oncall/message.update")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_update_changes_the_text_and_nothing_else(oncall: OnCall, editor: OnCall, method: str) -> None:
    created = oncall.note("before", resource=MESSAGES)
    body = {"text": " after ", "alert_group_id": "NOPE", "author": None, "source": "slack"}
    answer = editor.send(method, one(MESSAGES, created["id"]), json=body)
    assert (answer.status_code, answer.json()) == (200, created | {"text": "after"})
    assert oncall.got(MESSAGES, created["id"])["text"] == "after"


@law("grafana-oncall/message.delete")
def test_a_deleted_message_is_gone(oncall: OnCall) -> None:
    created = oncall.note("one", resource=MESSAGES)
    answer = oncall.send("DELETE", one(MESSAGES, created["id"]))
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        gone = oncall.send(method, one(MESSAGES, created["id"]), json={"text": "x"})
        assert (gone.status_code, gone.json()) == (404, NOT_FOUND)


@law("grafana-oncall/message.rights")
def test_a_viewer_reads_messages_and_another_organization_sees_none(
    oncall: OnCall, viewer: OnCall, stranger: OnCall
) -> None:
    created = oncall.note("one", resource=MESSAGES)
    path = one(MESSAGES, created["id"])
    assert viewer.got(MESSAGES, created["id"]) == created
    for method, where in (("POST", MESSAGES), ("PUT", path), ("PATCH", path), ("DELETE", path)):
        body = {"alert_group_id": oncall.group, "text": "x"}
        refused = viewer.send(method, where, json=body)
        assert (refused.status_code, refused.json()) == (403, NO_PERMISSION)
    assert stranger.send("GET", path).json() == NOT_FOUND
    assert created["id"] not in ids(stranger.everything(MESSAGES))


@law("grafana-oncall/message.in-postmortem")
def test_a_postmortem_shows_the_messages_of_its_alert_group(oncall: OnCall) -> None:
    postmortem = oncall.create("Demo postmortem text")
    first, second = (oncall.note(text, resource=MESSAGES) for text in ("first", "second"))
    shown = oncall.read(postmortem["id"])["postmortem_messages"]
    assert [it for it in shown if it["id"] in (first["id"], second["id"])] == [first, second]
    oncall.send("DELETE", one(MESSAGES, first["id"]))
    assert first["id"] not in ids(oncall.read(postmortem["id"])["postmortem_messages"])


@law("grafana-oncall/message.is-a-note")
def test_a_message_is_a_resolution_note_under_its_older_name(oncall: OnCall) -> None:
    message = oncall.note("one", resource=MESSAGES)
    assert oncall.got(NOTES, message["id"]) == message | {"source": "Web"}
    note = oncall.note("two")
    assert oncall.got(MESSAGES, note["id"]) == note | {"source": "web"}
    oncall.send("DELETE", one(NOTES, message["id"]))
    assert oncall.send("GET", one(MESSAGES, message["id"])).json() == NOT_FOUND
