"""A conversation with incident.io that is right, written by hand; tests of the model change one answer of it."""

from __future__ import annotations

from typing import Any

from tests.model.incident_io_answers import (
    CLOSED,
    D1,
    D2,
    D3,
    DOCUMENTS,
    DX,
    F1,
    F2,
    FOLLOW_UPS,
    FX,
    I1,
    I2,
    INCIDENTS,
    IT,
    KEY,
    LIVE,
    MAJOR,
    ME_MYSELF,
    MINOR,
    OTHER,
    PLAIN,
    THEIRS,
    TITLE,
    U0,
    U1,
    UPDATES,
    YOU,
    Json,
    Step,
    at,
    document,
    error,
    follow_up,
    incident,
    page,
    update,
)
from tests.model.incident_io_refusals import refusals


def _imported(name: str, id_: str, incident_id: str, number: int, second: float, **more: Any) -> Step:
    body = {"title": more.get("title", TITLE), "content": PLAIN}
    made = document(id_, incident_id, number, second, **more)
    path = f"/v2/incidents/{incident_id}/actions/import_postmortem_document"
    where = {"Location": f"https://api.incident.io/v1/postmortem_documents/{id_}"}
    key = OTHER if incident_id == THEIRS else KEY
    return Step(name, "POST", path, body, key, 201, {"postmortem_document": made}, where)


def _opened(name: str, key: str, made: Json) -> Step:
    body = {"idempotency_key": key, "visibility": "public", "name": made["name"], "severity_id": MINOR["id"]}
    return Step(name, "POST", INCIDENTS, body, said={"incident": made})


def story() -> list[Step]:
    """Every step is right; each call makes it anew."""
    first, second = incident(I1, 201, 1), incident(I2, 202, 2)
    one, two = document(D1, I1, 201, 3), document(D2, I1, 201, 4, title="Plain title")
    reviewed = {**one, "status": "in_review", "updated_at": at(9)}
    named = {
        **first,
        "postmortem_document_ids": [D1, D2],
        "postmortem_document_url": one["document_url"],
        "updated_at": at(9),
    }
    team = {"id": IT.incident_team_id, "name": "Platform"}
    do = follow_up(F1, I1, 6, description="é", labels=["b", "a"], assignee_team=team)
    done = {**do, "title": "Done", "status": "completed", "completed_at": at(10), "updated_at": at(10)}
    gone = {**done, "status": "deleted", "updated_at": at(11)}
    other = follow_up(F2, I2, 7)
    foreign = follow_up(FX, THEIRS, 8, creator=YOU)
    moved = update(U1, 13, message="Found it 🔥", new_severity=MAJOR)
    after = {**named, "severity": MAJOR, "updated_at": at(13), "last_activity_at": at(13)}
    renamed = {**after, "name": "Renamed", "updated_at": at(14), "last_activity_at": at(14)}
    external = {**document(D3, I2, 202, 12), "type": "external", "title": "INC-202: Incident 202"}
    linked = {**external, "document_url": "https://example.com/1"}
    relinked = {**external, "document_url": "https://example.com/2", "updated_at": at(12.5)}
    by_i1, by_mode = f"{DOCUMENTS}?incident_id={I1}", f"{FOLLOW_UPS}?page_size=1"
    both = [do, other]
    listed = "postmortem_documents"
    edit = {"incident": {"name": "Renamed"}, "notify_incident_channel": False}
    return [
        Step("severities", "GET", "/v1/severities", said={"severities": [MINOR, MAJOR]}),
        Step("statuses", "GET", "/v1/incident_statuses", said={"incident_statuses": [LIVE, CLOSED]}),
        _opened("open", "k1", first),
        _opened("open another", "k2", second),
        _opened("open again", "k1", first),
        _imported("import", D1, I1, 201, 3),
        _imported("import another", D2, I1, 201, 4, title="Plain title"),
        _imported("import theirs", DX, THEIRS, 7, 5),
        Step("show", "GET", f"{DOCUMENTS}/{D1}", said={"postmortem_document": one}),
        Step("content", "GET", f"{DOCUMENTS}/{D2}/content", said={"markdown": f"# Plain title\n\n{PLAIN}"}),
        Step(
            "content again",
            "GET",
            f"{DOCUMENTS}/{D2}/content",
            said={"markdown": f"# Plain title\n\n{PLAIN}"},
        ),
        Step("list", "GET", DOCUMENTS, said=page(listed, [two, one])),
        Step("list of one", "GET", by_i1, said=page(listed, [two, one])),
        Step("first page", "GET", f"{by_i1}&page_size=1", said=page(listed, [two], 1, after=D2)),
        Step("last page", "GET", f"{by_i1}&page_size=1&after={D2}", said=page(listed, [one], 1)),
        Step("list of another", "GET", f"{DOCUMENTS}?incident_id={I2}", said=page(listed, [])),
        Step("oldest", "GET", f"{by_i1}&sort_by=created_at_oldest_first", said=page(listed, [one, two])),
        Step(
            "status",
            "PUT",
            f"{DOCUMENTS}/{D1}",
            {"status": "in_review"},
            said={"postmortem_document": reviewed},
        ),
        Step("status shown", "GET", f"{DOCUMENTS}/{D1}", said={"postmortem_document": reviewed}),
        Step("sibling", "GET", f"{DOCUMENTS}/{D2}", said={"postmortem_document": two}),
        Step("incident", "GET", f"{INCIDENTS}/{I1}", said={"incident": named}),
        Step("incident by number", "GET", f"{INCIDENTS}/201", said={"incident": named}),
        Step(
            "follow up",
            "POST",
            FOLLOW_UPS,
            {
                "incident_id": I1,
                "title": "Do",
                "description": "é",
                "labels": ["b", "a"],
                "assignee_team_id": IT.incident_team_id,
            },
            status=201,
            said={"follow_up": do},
        ),
        Step(
            "follow up another",
            "POST",
            FOLLOW_UPS,
            {"incident_id": I2, "title": "Do"},
            status=201,
            said={"follow_up": other},
        ),
        Step(
            "follow up theirs",
            "POST",
            FOLLOW_UPS,
            {"incident_id": THEIRS, "title": "Do"},
            OTHER,
            201,
            {"follow_up": foreign},
        ),
        Step("follow-up", "GET", f"{FOLLOW_UPS}/{F1}", said={"follow_up": do}),
        Step("follow-ups", "GET", FOLLOW_UPS, said=page("follow_ups", both)),
        Step("follow-ups first", "GET", by_mode, said=page("follow_ups", [do], 1, after=F1)),
        Step("follow-ups last", "GET", f"{by_mode}&after={F1}", said=page("follow_ups", [other], 1)),
        Step(
            "of the team",
            "GET",
            f"{FOLLOW_UPS}?assignee_team_id={IT.incident_team_id}",
            said=page("follow_ups", [do]),
        ),
        Step("of drills", "GET", f"{FOLLOW_UPS}?incident_mode=test", said=page("follow_ups", [])),
        Step("since", "GET", f"{FOLLOW_UPS}?created_at[gte]={at(6.5)}", said=page("follow_ups", [other])),
        Step(
            "change",
            "PUT",
            f"{FOLLOW_UPS}/{F1}",
            {"title": "Done", "status": "completed"},
            said={"follow_up": done},
        ),
        Step("changed", "GET", f"{FOLLOW_UPS}/{F1}", said={"follow_up": done}),
        Step("other follow-up", "GET", f"{FOLLOW_UPS}/{F2}", said={"follow_up": other}),
        Step("delete", "DELETE", f"{FOLLOW_UPS}/{F1}", status=204, said=b""),
        Step("deleted", "GET", f"{FOLLOW_UPS}/{F1}", said={"follow_up": gone}),
        Step("deleted listed", "GET", FOLLOW_UPS, said=page("follow_ups", [gone, other])),
        Step(
            "attach",
            "POST",
            f"{DOCUMENTS}/actions/attach",
            {"incident_id": I2, "permalink": "https://example.com/1"},
            status=201,
            said={"postmortem_document": linked},
        ),
        Step(
            "attach again",
            "POST",
            f"{DOCUMENTS}/actions/attach",
            {"incident_id": I2, "permalink": "https://example.com/2"},
            status=201,
            said={"postmortem_document": relinked},
        ),
        Step(
            "attach beside",
            "POST",
            f"{DOCUMENTS}/actions/attach",
            {"incident_id": I1, "permalink": "https://example.com/3"},
            status=409,
            said=error(409, "conflict", "conflict"),
        ),
        Step("updates", "GET", f"{UPDATES}?incident_id={I1}", said=page("incident_updates", [update(U0, 1)])),
        Step(
            "share",
            "POST",
            UPDATES,
            {
                "idempotency_key": "u1",
                "incident_id": I1,
                "message": "Found it 🔥",
                "to_severity_id": MAJOR["id"],
            },
            status=201,
            said={"incident_update": moved},
        ),
        Step(
            "share again",
            "POST",
            UPDATES,
            {"idempotency_key": "u1", "incident_id": I1, "message": "other"},
            status=201,
            said={"incident_update": moved},
        ),
        Step(
            "updates after",
            "GET",
            f"{UPDATES}?incident_id={I1}",
            said=page("incident_updates", [update(U0, 1), moved]),
        ),
        Step("incident after", "GET", f"{INCIDENTS}/{I1}", said={"incident": after}),
        Step("edit", "POST", f"{INCIDENTS}/{I1}/actions/edit", edit, said={"incident": renamed}),
        Step("edited", "GET", f"{INCIDENTS}/{I1}", said={"incident": renamed}),
        Step(
            "major ones",
            "GET",
            f"{INCIDENTS}?severity[gte]={MAJOR['id']}",
            said=page("incidents", [renamed], total_record_count=1),
        ),
        Step(
            "one by one",
            "GET",
            f"{INCIDENTS}?page_size=1",
            said=page("incidents", [second | LINK], 1, after=I2, total_record_count=2),
        ),
        Step("identity", "GET", "/v1/identity", said={"identity": ME_MYSELF}),
        *refusals(),
        Step(
            "end",
            "GET",
            f"{DOCUMENTS}?sort_by=created_at_oldest_first",
            said=page(listed, [reviewed, two, relinked]),
        ),
    ]


LINK = {
    "postmortem_document_ids": [D3],
    "postmortem_document_url": "https://example.com/2",
    "last_activity_at": at(13),
}
