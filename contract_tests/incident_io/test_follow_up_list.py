"""Follow-ups listed and filtered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import UNKNOWN, IncidentIo, refused
from contract_tests.incident_io.follow_ups import LIST, create, ids, pages, update, walk
from contract_tests.laws import law
from contract_tests.shared import moment


@law("incident-io/follow-up.list-order")
@pytest.mark.parametrize("size", [1, 2, 250])
def test_the_list_is_by_id_and_shows_every_follow_up_once(incident: IncidentIo, size: int) -> None:
    made, query = [create(incident)["id"] for _ in range(3)], {}
    if incident.shared:  # and may have years of follow-ups
        query = {"incident_id": incident.incident}
        size = min(250, max(size, len(walk(incident, **query)) // 10))
    found = [ids(page) for page in pages(incident, page_size=size, **query)]
    flat = [shown for page in found for shown in page]
    assert flat == sorted(set(flat))
    assert set(made) <= set(flat)
    assert {len(page) for page in found[:-1]} <= {size}


@law("incident-io/follow-up.list-order")
def test_a_page_is_of_25_unless_asked_for_otherwise(incident: IncidentIo) -> None:
    for _ in range(26):
        create(incident)
    page = incident.get(LIST, incident_id=incident.incident)
    assert (len(page["follow_ups"]), page["pagination_meta"]["page_size"]) == (25, 25)
    refused(incident.send("GET", f"{LIST}?page_size=251"), 422, "validation_error", "invalid_range")


@law("incident-io/follow-up.filter-incident")
def test_a_filter_shows_the_follow_ups_of_one_incident(incident: IncidentIo, stranger: IncidentIo) -> None:
    made = create(incident)["id"]
    found = walk(incident, incident_id=incident.incident, page_size=250)
    assert {follow_up["incident_id"] for follow_up in found} == {incident.incident}
    assert made in ids(found)
    create(stranger)
    for name in (UNKNOWN, stranger.incident, "nonsense"):
        assert walk(incident, incident_id=name) == []


@law("incident-io/follow-up.filter-mode")
def test_follow_ups_of_a_test_are_listed_only_if_asked_for(
    incident: IncidentIo, deployment: Deployment
) -> None:
    made = create(incident, incident_id=deployment.need("incident_test_id"))["id"]
    assert made in ids(walk(incident, incident_mode="test"))
    assert made not in ids(walk(incident, page_size=250))
    assert made not in ids(walk(incident, incident_mode="standard", page_size=250))
    assert walk(incident, incident_id=deployment.need("incident_test_id")) == []


@law("incident-io/follow-up.filter-team")
def test_a_filter_shows_the_follow_ups_of_one_team(incident: IncidentIo, deployment: Deployment) -> None:
    team = deployment.need("incident_team_id")
    made, other = create(incident, assignee_team_id=team), create(incident)
    found = walk(incident, assignee_team_id=team, page_size=250)
    assert {follow_up["assignee_team"]["id"] for follow_up in found} == {team}
    assert made["id"] in ids(found)
    of_both = ids(walk(incident, assignee_team_id=team, incident_id=incident.incident))
    assert made["id"] in of_both
    assert incident.shared or of_both[-1] == made["id"]
    assert other["id"] not in ids(found)
    assert walk(incident, assignee_team_id=UNKNOWN) == []


SECOND = timedelta(seconds=1)


@law("incident-io/follow-up.filter-time")
@pytest.mark.parametrize("field", ["created_at", "updated_at"])
def test_a_time_filter_takes_timestamps_and_dates(incident: IncidentIo, field: str) -> None:
    made = create(incident)
    made = update(incident, made, title="Another title")
    time = datetime.fromisoformat(made[field])
    before, after, day = (time - SECOND).isoformat(), (time + SECOND).isoformat(), f"{time:%Y-%m-%d}"

    def found(operator: str, value: str) -> bool:
        query = {f"{field}[{operator}]": value, "incident_id": incident.incident}
        return made["id"] in ids(walk(incident, page_size=250, **query))

    assert found("gte", before)
    assert found("gte", made[field])
    assert found("lte", made[field])
    assert found("lte", after)
    assert found("gte", day)
    assert found("date_range", f"{day}~{day}")
    assert not found("gte", after)
    assert not found("lte", before)
    assert not found("date_range", "2021-01-01~2021-01-02")


@law("incident-io/follow-up.filter-time-ends")
def test_a_date_is_the_whole_day(incident: IncidentIo) -> None:
    made = create(incident)
    time = datetime.fromisoformat(made["created_at"])
    day, eve = f"{time:%Y-%m-%d}", f"{time - timedelta(days=1):%Y-%m-%d}"
    own = {"incident_id": incident.incident, "page_size": 250}
    assert made["id"] in ids(walk(incident, **{"created_at[lte]": day}, **own))
    assert made["id"] in ids(walk(incident, **{"created_at[date_range]": f"{eve}~{day}"}, **own))
    assert made["id"] not in ids(walk(incident, **{"created_at[lte]": eve}, **own))
    both = {"created_at[gte]": day, "updated_at[lte]": eve}
    assert walk(incident, **both, **own) == []


@law("incident-io/follow-up.filter-time-ends")
@pytest.mark.parametrize("member", ["created_at", "updated_at"])
def test_a_day_begins_and_ends_in_utc_whenever_it_is_asked_for(incident: IncidentIo, member: str) -> None:
    create(incident)
    query: dict[str, Any] = {
        "page_size": 250,
        **({"incident_id": incident.incident} if incident.shared else {}),
    }
    whole = {it["id"]: moment(it, member).astimezone(UTC) for it in walk(incident, **query)}
    for day in sorted({time.date() for time in whole.values()})[-8:]:
        until = ids(walk(incident, **{f"{member}[lte]": day.isoformat()}, **query))
        since = ids(walk(incident, **{f"{member}[gte]": day.isoformat()}, **query))
        assert {id_ for id_ in until if id_ in whole} == {id_ for id_ in whole if whole[id_].date() <= day}
        assert {id_ for id_ in since if id_ in whole} == {id_ for id_ in whole if whole[id_].date() >= day}


@law("incident-io/follow-up.filter-refused")
@pytest.mark.parametrize(
    "query",
    [
        "created_at[gte]=yesterday",
        "created_at[lte]=2024-13-01",
        "created_at[gte]=",
        "updated_at[date_range]=2024-01-01",
        "updated_at[date_range]=2024-01-01~",
        "updated_at[is]=2024-01-01",
        "updated_at[gte]=2024-01-01&updated_at[lte]=2024-01-02",
    ],
)
def test_a_time_filter_that_says_nothing_answers_422(incident: IncidentIo, query: str) -> None:
    errors = refused(incident.send("GET", f"{LIST}?{query}"), 422, "validation_error", "invalid_value")
    assert "source" not in errors[0]
