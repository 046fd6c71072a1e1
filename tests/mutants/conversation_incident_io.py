"""A short conversation with incident.io."""

from __future__ import annotations

from typing import Any

from tests.mutants.conversation import Talk

KEY, OTHER_KEY = "Bearer inc-test-key", "Bearer inc-other-org-key"
WRONG = ("Bearer INC-TEST-KEY", "inc-test-key")
INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCVG"
LINKED = "01GBA8J19SMXQWPJMX3P2ESCW1"
DOCUMENTS, INCIDENTS, UPDATES, FOLLOW_UPS = (
    "/v1/postmortem_documents",
    "/v2/incidents",
    "/v2/incident_updates",
    "/v3/follow_ups",
)
MARKDOWN = "## What\n\n**bold** ü \U0001f525\n\n| a | b |\n| - | - |\n| 1 | 2 |\n"


async def with_incident_io(talk: Talk) -> None:
    async def say(method: str, target: str, body: Any = None, who: str = KEY, **headers: str) -> Any:
        return await talk.say(method, target, body, who, **headers)

    at = f"{INCIDENTS}/{INCIDENT}/actions/import_postmortem_document"
    await say("GET", DOCUMENTS)
    for title in ("  A <b>title</b> é\nof two lines " + "long " * 60, "Second", "Third"):
        made = await say("POST", at, {"title": title, "content": MARKDOWN})
        document = made.get("postmortem_document", made).get("id", "NE")
        await say("GET", f"{DOCUMENTS}/{document}")
        await say("GET", DOCUMENTS)
    for path in (
        DOCUMENTS,
        f"{DOCUMENTS}/{document}",
        f"{DOCUMENTS}/{document}/content",
        f"{INCIDENTS}?page_size=2",
        f"{UPDATES}?page_size=2",
        FOLLOW_UPS,
        "/v2/users",
        "/v1/severities",
        "/v1/incident_statuses",
        "/v1/identity",
        f"{INCIDENTS}/{INCIDENT}",
        f"{INCIDENTS}/123",
    ):
        for who in (KEY, "", "Bearer unheard-of") + (WRONG if path == DOCUMENTS else ()):
            await say("GET", path, who=who)
        await say("GET", f"{path}{'&' if '?' in path else '?'}token=Bearer%20inc-test-key", who="")
    for body in (
        {},
        {"title": "t"},
        {"title": 5, "content": ""},
        {"title": "t", "content": None},
        {"title": "t", "content": ""},
        {"title": "t", "content": "c", "more": 1},
        {"title": "t" * 600, "content": "c"},
        b"{",
    ):
        await say("POST", at, body)
    await say("POST", at, {"title": "t", "content": "c"}, Content_Type="text/plain")
    for who in ("", "Bearer unheard-of"):
        await say("POST", at, {"title": "t", "content": "c"}, who=who)
    for query in (
        "page_size=1",
        "page_size=251",
        "page_size=no",
        f"page_size=1&after={document}",
        f"after={document}",
        "after=NE",
        "sort_by=created_at_oldest_first",
        "sort_by=no",
        f"incident_id={INCIDENT}",
        "incident_id=123",
        f"incident_id={LINKED}",
    ):
        await say("GET", f"{DOCUMENTS}?{query}")
    for body in ({"status": "in_review"}, {"status": "completed"}, {"status": "no"}):
        await say("PUT", f"{DOCUMENTS}/{document}", body)
        await say("GET", f"{DOCUMENTS}/{document}")
        await say("GET", DOCUMENTS)
    await say("GET", f"{DOCUMENTS}/NE")
    await say("GET", f"{DOCUMENTS}/NE", who=OTHER_KEY)
    await say(
        "POST",
        f"{DOCUMENTS}/actions/attach",
        {"incident_id": LINKED, "permalink": "https://docs.example/a/b"},
    )
    await say(
        "POST",
        f"{DOCUMENTS}/actions/attach",
        {"incident_id": LINKED, "permalink": "https://docs.example/c", "document_provider": "x"},
    )
    await say(
        "POST",
        f"{DOCUMENTS}/actions/attach",
        {"incident_id": INCIDENT, "permalink": "https://docs.example/d"},
    )
    await say("GET", DOCUMENTS)
    await say("GET", f"{INCIDENTS}/{INCIDENT}")
    severities = (await say("GET", "/v1/severities")).get("severities") or [{"id": "NE"}] * 3
    minor, major = severities[0]["id"], severities[1]["id"]
    for query in (
        f"severity[gte]={major}",
        f"severity[not_in]={minor}",
        "status_category[one_of]=declined",
        "page_size=500&mode[one_of]=test",
        "page_size=2",
        "created_at[lte]=2022-01-01",
        "created_at[gte]=2022-01-01&created_at[lte]=2022-03-01",
        "created_at[gte]=2022-01-01T00:00:00Z",
        f"severity[gte]={major}&created_at[lte]=2022-01-01&filter_mode=any",
        "mode[one_of]=test",
        "sort_by=created_at_oldest_first",
        "incident_role[01FC31EQM099S84YA1YTX8K2ED][is_blank]=true",
        "incident_type[one_of]=01FC31EQM0J0Z0C5M0QZ3D026K",
        "status[one_of]=01FC31EQM08KR627TGNJCKA458",
    ):
        await say("GET", f"{INCIDENTS}?{query}" + ("" if "page_size" in query else "&page_size=5"))
    await say("GET", INCIDENTS)
    body = {
        "idempotency_key": "k",
        "visibility": "public",
        "severity_id": minor,
        "name": "Name É",
        "summary": "S",
    }
    opened = (await say("POST", INCIDENTS, body)).get("incident", {}).get("id", "NE")
    await say("POST", INCIDENTS, body)
    await say("POST", INCIDENTS, {**body, "idempotency_key": "k2"})
    for bad in (
        {},
        {"idempotency_key": "k3", "visibility": "public"},
        {"idempotency_key": "k4", "severity_id": minor},
    ):
        await say("POST", INCIDENTS, bad)
    await say("GET", f"{INCIDENTS}/{opened}")
    await say(
        "POST",
        f"{INCIDENTS}/{opened}/actions/edit",
        {"incident": {"name": "Other"}, "notify_incident_channel": False},
    )
    await say("POST", f"{INCIDENTS}/{opened}/actions/edit", {"incident": {"name": "Other"}}, who="")
    await say("POST", f"{INCIDENTS}/{opened}/actions/edit", {"incident": {"name": "Other"}})
    await say("GET", f"{INCIDENTS}/{opened}")
    await say("PATCH", f"{INCIDENTS}/{opened}")
    await say("GET", "/v1/nowhere")
    update = {"idempotency_key": "u", "incident_id": opened, "message": "Some words", "to_severity_id": major}
    for body in (update, update, {"idempotency_key": "u2", "incident_id": opened}):
        await say("POST", UPDATES, body)
        await say("GET", f"{UPDATES}?incident_id={opened}")
    await say("GET", f"{INCIDENTS}/{opened}")
    updates = (await say("GET", f"{UPDATES}?page_size=1")).get("incident_updates") or [{"id": "NE"}]
    await say("GET", f"{UPDATES}?page_size=2&after={updates[0]['id']}")
    made = {
        "incident_id": INCIDENT,
        "title": "A title of more than fifty letters, which is rather long",
        "labels": ["a"],
    }
    follow_ups = [
        (await say("POST", FOLLOW_UPS, made)).get("follow_up", {}).get("id", "NE") for _ in range(3)
    ]
    await say("POST", FOLLOW_UPS, {**made, "assignee_id": "NE"})
    await say("POST", FOLLOW_UPS, {})
    follow_up = f"{FOLLOW_UPS}/{follow_ups[0]}"
    for body in ({"title": "New", "status": "completed"}, {"title": "New", "status": "deleted"}):
        await say("PUT", follow_up, body)
        await say("GET", follow_up)
        await say("GET", f"{FOLLOW_UPS}?incident_id={INCIDENT}")
    for query in (
        "page_size=1",
        "page_size=250",
        "incident_mode=test",
        "assignee_team_id=01FCNDV6P870EA6S7TK1DSYDT0",
        "updated_at[gte]=2022-09-28",
        f"page_size=1&after={follow_ups[0]}",
    ):
        await say("GET", f"{FOLLOW_UPS}?{query}")
    await say("DELETE", follow_up, who="")
    await say("DELETE", follow_up)
    await say("GET", follow_up)
    await say("GET", f"{FOLLOW_UPS}?incident_id={INCIDENT}")
    long = await say("POST", at, {"title": "Long", "content": "x" * 70_000})
    await say("GET", f"{DOCUMENTS}/{long.get('postmortem_document', {}).get('id')}/content")
    people = (await say("GET", "/v2/users?page_size=2")).get("users") or [{"id": "NE"}]
    await say("GET", f"/v2/users/{people[0]['id']}")
    await say("GET", "/v2/users?email=lisa@incident.io")
    await say("GET", "/v1/severities/NE")
    await say("GET", f"{INCIDENTS}/NE")
