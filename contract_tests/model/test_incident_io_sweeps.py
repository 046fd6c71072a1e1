"""What chance may leave out, in order: every caller at every operation, every text in every place, every filter on
pages of every size, every wrong body. Judged by the same model.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from typing import Any

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.model.incident_io_conversation import (
    DOCUMENTS,
    FOLLOW_UPS,
    INCIDENTS,
    UPDATES,
    Conversation,
    Given,
    import_path,
)
from contract_tests.model.incident_io_draws import (
    CONFIGURED,
    CONTENTS,
    FULL,
    LARGE,
    LISTS,
    NAMES,
    OTHER,
    PAGE_SIZES,
    TITLES,
    UNKNOWN,
    WRONG_BODIES,
    Query,
    reads,
    valid_body,
    writes,
)

Json = dict[str, Any]


@pytest.fixture
def it(http: httpx.Client, deployment: Deployment, strict: bool) -> Iterator[Conversation]:
    deployment.need("incident_key")
    given = Given(http, deployment, strict=strict)
    conversation = Conversation(given)
    conversation.begin()
    given.skip_if_nothing_was_made()
    yield conversation
    if not conversation.story.complaints:
        conversation.end()


def requests(records: tuple[str, str, str]) -> list[tuple[str, str]]:
    gets = [("GET", path) for path in reads(*records)]
    return [*gets, *(request for request in writes(*records) if request != ("POST", INCIDENTS))]


def attempt(it: Conversation, who: str, records: tuple[str, str, str], method: str, path: str) -> None:
    path, _, incident = path.partition("?incident_id=")
    body = None if method == "GET" else valid_body(method, path, records[0], it.next())
    query = [("incident_id", incident)] if incident else []
    it.send(method, path, body, who=who, query=query, permanent=method == "POST")


def test_nobody_does_what_they_may_not(it: Conversation) -> None:
    records = it.first()
    for who in it.given.senders:
        if who in (FULL, OTHER):
            continue
        for method, path in requests(records):
            if (method, path) != ("POST", UPDATES) or "messages" not in who:
                attempt(it, who, records, method, path)
        it.send("POST", INCIDENTS, valid_body("POST", INCIDENTS, "", it.next()), who=who, permanent=True)
        it.look_at(*records)


def test_organisations_know_nothing_of_each_other(it: Conversation) -> None:
    mine, theirs = it.first(), it.theirs()
    if OTHER not in it.given.senders:
        pytest.skip("not judged: the target has no key of another organisation")
    for who, records, owner in ((FULL, theirs, OTHER), (OTHER, mine, FULL)):
        for method, path in requests(records):
            attempt(it, who, records, method, path)
            if method != "GET":
                it.look_at(*records, owner)
        for path in LISTS:
            it.walk(path, 5, [("mode[one_of]", "test")] if path == INCIDENTS else [], who, pages=2)
            it.send("GET", path, who=who, query=[("after", records[1])])


def test_every_text_comes_back_as_it_was_sent(it: Conversation) -> None:
    incident = it.first()[0]
    for number, title in enumerate(TITLES):
        body = {"title": title, "content": CONTENTS[number % len(CONTENTS)]}
        made = it.make(import_path(incident), body, "postmortem_document", it.documents, permanent=True)
        text = title or "x"
        task = {"incident_id": incident, "title": text, "description": text, "labels": [text, "b", text]}
        follow_up = it.make(FOLLOW_UPS, task, "follow_up", it.follow_ups)
        update = {"idempotency_key": it.next(), "incident_id": incident, "message": text}
        it.send("POST", UPDATES, update, permanent=True)
        for path in [f"{DOCUMENTS}/{made}", f"{DOCUMENTS}/{made}/content"] if made else []:
            it.send("GET", path)
        if follow_up:
            it.send("PUT", f"{FOLLOW_UPS}/{follow_up}", {"title": f"{text}!", "status": "completed"})
            it.send("GET", f"{FOLLOW_UPS}/{follow_up}")
    for name in NAMES:
        edit = {"incident": {"name": name, "summary": f"On {name}"}, "notify_incident_channel": False}
        it.send("POST", f"{INCIDENTS}/{incident}/actions/edit", edit, permanent=True)
        it.send("GET", f"{INCIDENTS}/{incident}")
    for path in (DOCUMENTS, FOLLOW_UPS, UPDATES):
        query = [("incident_mode", "test")] if path == FOLLOW_UPS else []
        it.walk(path, 7, [("incident_id", incident), *query])


def test_every_content_reads_as_it_was_imported(it: Conversation) -> None:
    for number, content in enumerate([*CONTENTS, LARGE]):
        body = {"title": f"Content number {number}", "content": content}
        path = import_path(it.incidents[number % len(it.incidents)])
        it.make(path, body, "postmortem_document", it.documents, permanent=True)
    for document in it.documents * 2:
        it.send("GET", f"{DOCUMENTS}/{document}/content")


def test_every_filter_holds_on_pages_of_every_size(it: Conversation) -> None:
    first = it.first()[0]
    team, user = it.given.deployment.incident_team_id, it.given.deployment.incident_user_id
    for number in range(4):
        body = {"incident_id": it.incidents[number % len(it.incidents)], "title": f"Filter {number}"}
        body |= (
            {"assignee_team_id": team} if team and number % 3 == 0 else {"assignee_id": user} if user else {}
        )
        it.make(FOLLOW_UPS, body, "follow_up", it.follow_ups)
    for status, severity in zip(it.statuses, it.severities * 3, strict=False):
        it.open(FULL, {"mode": "test", "incident_status_id": status, "severity_id": severity}, it.incidents)
    for type_ in it.catalog(FULL, "/v1/incident_types", "incident_types"):
        it.open(FULL, {"mode": "test", "incident_type_id": type_["id"]}, it.incidents)
        for operator in ("one_of", "not_in"):
            it.walk(
                INCIDENTS, 4, [("mode[one_of]", "test"), (f"incident_type[{operator}]", type_["id"])], pages=3
            )
    by_time(it)
    shown = it.send("GET", f"{INCIDENTS}/{first}")
    reference = shown.json()["incident"]["reference"] if shown and shown.status == 200 else "INC-1"
    for wrong in (reference, reference.removeprefix("INC-"), first.lower(), first[:-1]):
        for path in (DOCUMENTS, FOLLOW_UPS, UPDATES):
            it.send("GET", path, query=[("incident_id", wrong)])
    for query in [*of_documents(first), *of_documents(it.theirs()[0])]:
        for size in (1, 2, 3):
            it.walk(DOCUMENTS, size, query, pages=4)
            it.walk(UPDATES, size, query[:1] if query and query[0][0] == "incident_id" else [], pages=3)
    for query in of_follow_ups(it):
        it.walk(FOLLOW_UPS, 2, query, pages=4)
        it.walk(FOLLOW_UPS, 25, query, pages=2)
    it.walk(INCIDENTS, 100, [], pages=3)  # all of them, so that it is known which are left out
    for query in of_incidents(it):
        it.walk(INCIDENTS, 3, [("mode[one_of]", "test"), *query], pages=3)
        it.walk(
            INCIDENTS, 3, [("mode[one_of]", "test"), *query, ("sort_by", "created_at_oldest_first")], pages=1
        )


def by_time(it: Conversation) -> None:
    """A follow-up that was changed later than the others were made."""
    body = {"title": "Later", "status": "not_doing"}
    answered = it.send("PUT", f"{FOLLOW_UPS}/{it.first()[2]}", body)
    if answered is None or answered.status != 200:
        return
    changed = answered.json()["follow_up"]
    for member, operator in product(("created_at", "updated_at"), ("gte", "lte")):
        for time in (changed["created_at"], changed["updated_at"], changed["created_at"][:10]):
            query = [("incident_id", changed["incident_id"]), ("incident_mode", "test")]
            it.walk(FOLLOW_UPS, 3, [*query, (f"{member}[{operator}]", time)], pages=2)


def of_documents(incident: str) -> list[Query]:
    oldest = ("sort_by", "created_at_oldest_first")
    return [
        [],
        [("incident_id", incident)],
        [("incident_id", incident), oldest],
        [("incident_id", "nonsense")],
    ]


def of_follow_ups(it: Conversation) -> list[Query]:
    test, now = ("incident_mode", "test"), "2000-01-01"
    singles: list[tuple[str, str]] = [("incident_id", incident) for incident in it.incidents[:2]]
    singles += [("assignee_team_id", team) for team in (it.given.deployment.incident_team_id,) if team]
    singles += [
        ("created_at[gte]", now),
        ("created_at[lte]", now),
        ("created_at[date_range]", f"{now}~2100-01-01"),
    ]
    singles += [("updated_at[gte]", "2100-01-01"), ("updated_at[lte]", "2100-01-01")]
    singles += [("assignee_team_id", UNKNOWN), ("incident_id", UNKNOWN)]
    queries = [[test, one] for one in singles] + [[test, *pair] for pair in pairwise(singles)]
    return [[test], [], [("incident_mode", "standard")], *queries]


def of_incidents(it: Conversation) -> list[Query]:
    singles: list[tuple[str, str]] = [("severity[one_of]", id_) for id_ in it.severities[:2]]
    singles += [("severity[gte]", id_) for id_ in it.severities] + [
        ("severity[lte]", id_) for id_ in it.severities[:1]
    ]
    singles += [("severity[not_in]", id_) for id_ in it.severities[-1:]]
    singles += [("status[one_of]", id_) for id_ in it.statuses[:2]]
    singles += [("status[not_in]", id_) for id_ in it.statuses[-1:]]
    singles += [("status_category[one_of]", name) for name in ("live", "declined", "closed")]
    singles += [("status_category[not_in]", "live"), ("created_at[gte]", "2000-01-01")]
    singles += [("created_at[lte]", "2000-01-01"), ("updated_at[date_range]", "2000-01-01~2100-01-01")]
    several = [[("severity[one_of]", id_) for id_ in it.severities[:2]]]
    return [[], *([one] for one in singles), *several, *([one, other] for one, other in pairwise(singles))]


def test_every_odd_query_is_answered_or_refused(it: Conversation) -> None:
    afters = ["", UNKNOWN, it.theirs()[1]]
    odd = [("sort_by", "sideways"), ("created_at[gte]", "yesterday"), ("created_at[lte]", "2022-13-01")]
    for path in LISTS:
        for size, after in product(PAGE_SIZES, afters[:1]):
            it.send("GET", path, query=[("page_size", size)] * bool(size) + [("after", after)] * bool(after))
        for after in afters[1:]:
            it.send("GET", path, query=[("after", after)])
        for one in odd:
            it.send("GET", path, query=[one])


def test_every_wrong_body_is_refused(it: Conversation) -> None:
    records = it.first()
    for method, path in writes(*records)[:-1]:
        for body in WRONG_BODIES:
            it.send(method, path, body, permanent=method == "POST")
    it.look_at(*records)


def test_every_status_follows_every_other(it: Conversation) -> None:
    documents = ("in_progress", "in_review", "completed")
    for status in [two for pair in product(documents, documents) for two in pair]:
        it.send("PUT", f"{DOCUMENTS}/{it.first()[1]}", {"status": status})
        for document in it.documents[:2]:
            it.send("GET", f"{DOCUMENTS}/{document}")
    for status in ("completed", "completed", "not_doing", "completed", "outstanding", "deleted"):
        for follow_up, bits in zip(it.follow_ups, (31, 0), strict=False):
            body = {"title": f"Now {status}", "status": status, **it.extras(bits)}
            it.send("PUT", f"{FOLLOW_UPS}/{follow_up}", body)
        for follow_up in it.follow_ups:
            it.send("GET", f"{FOLLOW_UPS}/{follow_up}")
    for null in ("assignee_id", "assignee_team_id", "description", "follow_up_priority_option_id", "labels"):
        body = {"title": "Null", "status": "outstanding", null: None}
        it.send("PUT", f"{FOLLOW_UPS}/{it.first()[2]}", body)
        it.send("GET", f"{FOLLOW_UPS}/{it.first()[2]}")
    moves = list(product(it.statuses, it.statuses))
    for start, end in moves if it.given.strict else moves[:3]:
        if it.open(FULL, {"mode": "test", "incident_status_id": start}, it.incidents) is None:
            break
        incident = it.incidents[-1]
        edit = {"incident": {"incident_status_id": end}, "notify_incident_channel": False}
        it.send("POST", f"{INCIDENTS}/{incident}/actions/edit", edit, permanent=True)
        it.send("GET", f"{INCIDENTS}/{incident}")


def test_what_is_configured_stays_as_it_is_and_is_in_every_incident(it: Conversation) -> None:
    names = {path: path.rpartition("/")[2] for path in CONFIGURED}
    for who in [FULL, OTHER, FULL] if OTHER in it.given.senders else [FULL, FULL]:
        for path, name in names.items():
            for item in it.catalog(who, path, name)[:3]:
                it.send("GET", f"{path}/{item['id']}", who=who)
                it.send("GET", f"{path}/{item['id']}", who=FULL)
        it.send("GET", "/v1/identity", who=who)
    for who in it.given.senders:
        for path, name in names.items():
            for item in it.catalog(FULL, path, name)[:1] if who not in (FULL, OTHER) else []:
                it.send("GET", f"{path}/{item['id']}", who=who)
    for incident in it.incidents:
        it.send("GET", f"{INCIDENTS}/{incident}")
    for path in LISTS:
        it.walk(path, 100, [], pages=2)
    it.walk(INCIDENTS, 100, [("status_category[not_in]", "nothing")], pages=2)


def test_what_is_deleted_leaves_its_siblings_alone(it: Conversation) -> None:
    for number in range(6):
        body = {"incident_id": it.incidents[number // 3 % len(it.incidents)], "title": f"Sibling {number}"}
        it.make(FOLLOW_UPS, body, "follow_up", it.follow_ups)
    for number, deleted in enumerate(it.follow_ups[1::3]):
        for _ in range(1 + number % 2):
            it.send("DELETE", f"{FOLLOW_UPS}/{deleted}")
        for follow_up in it.follow_ups:
            it.send("GET", f"{FOLLOW_UPS}/{follow_up}")
        it.walk(FOLLOW_UPS, 2, [("incident_mode", "test"), ("incident_id", it.first()[0])])
