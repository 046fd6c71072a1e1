"""Everybody, every method, every form of token, text, id and page, one after the other: what a state machine meets by
chance only. The model judges every answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.model.oncall_actors import (
    IDLE,
    NEAR,
    PAGES,
    RESOURCES,
    SIZES,
    WRONG_BODIES,
    WRONG_KINDS,
    WRONG_TEXTS,
    Actors,
    Setting,
    disguises,
)
from contract_tests.model.oncall_request import GROUPS, NOTES, POSTMORTEMS, USERS, VERBS
from contract_tests.model.oncall_world import KIND
from contract_tests.model.probes import TEXTS
from contract_tests.model.shadow import Search

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")


@pytest.fixture
def actors(http: httpx.Client, deployment: Deployment, base_url: str, strict: bool) -> Iterator[Actors]:
    deployment.need("oncall_token")
    actors = Actors(Setting(http, deployment, strict, not strict, base_url, Search()))
    try:
        actors.know()
        yield actors
    finally:
        actors.clear()


def test_everybody_may_do_what_their_role_says(actors: Actors, strict: bool) -> None:
    for resource in [resource for resource in RESOURCES if resource in actors.served]:
        for person in [*actors.people, None]:
            record = actors.make(actors.admin, resource, "made")
            for method in METHODS:
                body = {"alert_group_id": record.group, "text": method} if method[0] == "P" else None
                actors.ask(person, method, f"{resource}/", body=body)
                actors.ask(person, method, f"{resource}/{record.id}/", body=body)
                if method in ("PATCH", "DELETE"):
                    actors.look(record)
                actors.ask(person, method, f"{resource}/PNEVER1EX1STS/", body=body)
    for person in [*actors.people, None]:
        for method in METHODS if strict else ("GET", "HEAD", "OPTIONS", "PUT"):
            for where in (
                "",
                *([] if method == "DELETE" else [f"{actors.groups['first'][0]}/"]),
                "INEVER1EX1STS/",
            ):
                actors.ask(person, method, f"{GROUPS}/{where}")
                actors.ask(person, method if method != "DELETE" else "GET", f"{USERS}/{where and 'current/'}")


def test_a_token_counts_only_as_the_whole_header(actors: Actors) -> None:
    token = actors.admin.token
    less = [None, *(person for person in actors.people if person.role in ("viewer", "none"))]
    record = actors.make(actors.admin, POSTMORTEMS, "made")
    for headers, query in actors.some(disguises(token)):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            body = {"alert_group_id": record.group, "text": "disguised"} if method[0] == "P" else None
            path = f"{POSTMORTEMS}/" + (f"{record.id}/" if method != "POST" else "")
            for person in less[:1] if headers and headers[0][0] == "Authorization" else less[:2]:
                actors.ask(person, method, path, headers=headers, query=query, body=body, who="in disguise")
        actors.ask(None, "GET", f"{NOTES}/", headers=headers, query=query, who="in disguise")
        actors.ask(None, "GET", f"{GROUPS}/", headers=headers, query=query, who="in disguise")
    actors.look(record)


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_text_is_kept_whatever_it_is(actors: Actors, resource: str) -> None:
    record = actors.make(actors.admin, resource, "made")
    for number, text in enumerate(actors.some(TEXTS)):
        body = {"alert_group_id": record.group, "text": f" {text}\n" if number % 4 == 0 else text}
        raw = json.dumps(body, ensure_ascii=number % 2 == 0).encode()
        created = actors.make(actors.admin, resource, text, number)
        actors.look(created)
        slash = "/" if number % 3 else ""
        actors.ask(actors.admin, "PATCH" if number % 2 else "PUT", f"{resource}/{record.id}{slash}", raw=raw)
        actors.look(record)
        actors.ask(actors.admin, "GET", f"{resource}/{created.id}{slash}")
        actors.ask(actors.admin, "DELETE", f"{resource}/{created.id}{slash}")


@pytest.mark.parametrize("resource", RESOURCES)
def test_what_is_wrong_with_a_body_is_refused_and_changes_nothing(actors: Actors, resource: str) -> None:
    record = actors.make(actors.admin, resource, "made")
    group = record.group
    odd = [
        None,
        "",
        " ",
        "NOPE",
        group.lower(),
        f"{group} ",
        group[:-1],
        5,
        1.5,
        True,
        [],
        [group],
        {"id": group},
    ]
    odd += actors.groups["other"]
    bodies = [json.dumps({"alert_group_id": group, "text": text}).encode() for text in WRONG_TEXTS]
    bodies += [json.dumps({"alert_group_id": wrong, "text": "x"}).encode() for wrong in odd]
    bodies += [json.dumps({"alert_group_id": wrong, "text": None}).encode() for wrong in odd[:4]]
    bodies += [b'{"alert_group_id": "%s"}' % group.encode(), b'{"text": "x"}', b"{}", *WRONG_BODIES]
    for raw in actors.some(bodies):
        actors.ask(actors.admin, "POST", f"{resource}/", raw=raw)
        actors.ask(actors.admin, "PUT", f"{resource}/{record.id}/", raw=raw)
        actors.ask(actors.admin, "PATCH", f"{resource}/{record.id}/", raw=raw)
        actors.look(record)
    for kind in WRONG_KINDS[1:]:
        for method, path in (("POST", ""), ("PUT", f"{record.id}/"), ("PATCH", f"{record.id}/")):
            actors.ask(
                actors.admin, method, f"{resource}/{path}", raw=b"{}", headers=(("Content-Type", kind),)
            )
    for accept in ("text/html", "application/xml", "text/plain", "*/*", "application/json"):
        for method, path in (("GET", ""), ("POST", ""), ("PUT", f"{record.id}/"), ("GET", f"{record.id}/")):
            body = {"alert_group_id": group, "text": "by accept"} if method != "GET" else None
            actors.ask(actors.admin, method, f"{resource}/{path}", body=body, headers=(("Accept", accept),))
    actors.ask(actors.admin, "GET", f"{resource}/", query=[("format", "xml")])
    actors.look(record)


@pytest.mark.parametrize("resource", RESOURCES)
def test_what_only_resembles_an_id_finds_nothing(actors: Actors, resource: str) -> None:
    record, other = (
        actors.make(actors.admin, resource, "made"),
        actors.make(actors.admin, resource, "other", 1),
    )
    for near in actors.some(NEAR):
        for method in ("GET", "PUT", "PATCH", "DELETE") if near(record.id) != record.id else ():
            actors.ask(actors.admin, method, f"{resource}/{near(record.id)}/", body={"text": "x"})
        actors.ask(actors.admin, "GET", f"{resource}/", query=[("alert_group_id", near(record.group))])
    for group in ("", record.group, other.group, "NOPE", record.group.lower(), *actors.groups["other"]):
        for method in ("GET", "PUT", "PATCH"):
            query = [("alert_group_id", group)]
            actors.ask(actors.admin, method, f"{resource}/{record.id}/", query=query, body={"text": "x"})
    for elsewhere in [it for it in RESOURCES if KIND[it] != record.kind]:
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            actors.ask(actors.admin, method, f"{elsewhere}/{record.id}/", body={"text": "x"})
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        actors.ask(actors.admin, "GET", f"{resource}/{record.id}/", headers=((name, "DELETE"),))
    actors.ask(actors.admin, "GET", f"{resource}/{record.id}/", query=[("_method", "DELETE")])
    actors.ask(actors.admin, "DELETE", f"{resource}/{record.id}/", query=[("alert_group_id", "NOPE")])
    actors.look(record)
    actors.ask(actors.admin, "DELETE", f"{resource}/{record.id}/")
    for method in ("GET", "PUT", "PATCH", "DELETE", "GET"):
        actors.ask(
            actors.admin,
            method,
            f"{resource}/{record.id}/",
            body={"text": "x", "alert_group_id": record.group},
        )
    actors.look(other)
    actors.ask(actors.admin, "GET", f"{resource}/")


@pytest.mark.parametrize("resource", RESOURCES)
def test_pages_are_cut_and_linked_as_asked(actors: Actors, resource: str) -> None:
    for turn in range(7):
        actors.make(actors.admin, resource, f"row {turn}", turn)
    groups = ["", *actors.groups["first"][:2], "NOPE", *actors.groups["other"]]
    for group in groups:
        for size in actors.some(SIZES):
            for page in PAGES if size in ("1", "2", "3", "0") else PAGES[:1]:
                query = [("perpage", size), ("page", page), ("alert_group_id", group)]
                actors.ask(actors.admin, "GET", f"{resource}/", query=query[: 3 if group else 2])
    for idle in actors.some(IDLE):
        actors.ask(actors.admin, "GET", f"{resource}/", query=[idle])
        actors.ask(actors.admin, "GET", f"{resource}", query=[("page", "2"), idle, ("perpage", "3")])
    for person in actors.readers:
        for group in groups:
            actors.ask(person, "GET", f"{resource}/", query=[("alert_group_id", group)])
    for person in [person for person in actors.readers if person.organization == "first"]:
        actors.walk(person, resource, [("perpage", "3"), ("zzz", "a b&c=é")])
        actors.walk(person, resource, [("perpage", "2"), ("alert_group_id", groups[1])])


def test_a_long_list_is_shown_on_pages_of_any_size(actors: Actors, strict: bool) -> None:
    """Longer than any page that a server may have thought of."""
    for resource, rows in ((POSTMORTEMS, 130 if strict else 55), (NOTES, 75 if strict else 5)):
        if resource not in actors.served:
            continue
        for number in range(rows):
            actors.make(actors.admin, resource, f"row {number}")
        for size in actors.some((*SIZES, "10", "20", "25", "30", "60", "75", "110", "120", "125", "128")):
            for page in ("1", "2", "3"):
                actors.ask(actors.admin, "GET", f"{resource}/", query=[("perpage", size), ("page", page)])
        actors.walk(actors.admin, resource, [])
        actors.walk(
            actors.admin, resource, [("alert_group_id", actors.groups["first"][0]), ("perpage", "20")]
        )
        for record in actors.own[::20]:
            actors.look(record)


def test_actions_lead_from_state_to_state(actors: Actors, strict: bool) -> None:
    if not strict:
        pytest.skip("not judged: the alert groups of a deployment are other people's")
    group = actors.groups["first"][0]
    for before in ((), ("acknowledge",), ("resolve",), ("silence",), ("acknowledge", "resolve")):
        for verb in VERBS:
            for step in ("unresolve", "unacknowledge", "unsilence", *before, verb):
                body = {"delay": -1} if step == "silence" else None
                actors.ask(actors.admin, "POST", f"{GROUPS}/{group}/{step}/", body=body)
                actors.ask(actors.admin, "GET", f"{GROUPS}/{group}/")
            for state in ("new", "acknowledged", "resolved", "silenced"):
                actors.ask(actors.admin, "GET", f"{GROUPS}/", query=[("state", state), ("perpage", "5")])
    for step in ("unresolve", "unacknowledge", "unsilence"):
        actors.ask(actors.admin, "POST", f"{GROUPS}/{group}/{step}/")


def test_filters_of_alert_groups_find_what_has_it_all(actors: Actors) -> None:
    if GROUPS not in actors.served:
        pytest.skip("not judged: there are no alert groups")
    known = [group.body for group in actors.world.groups.values() if group.organization == "first"][:12]
    for body in known:
        query = [("integration_id", body["integration_id"]), ("route_id", body["route_id"] or "")]
        query += [("id", body["id"]), ("team_id", body["team_id"] or "null")]
        query += [("started_at", f"{body['created_at'][:19]}_2099-01-01T00:00:00")]
        query += [
            ("label", f"{label['key']['name']}:{label['value']['name']}") for label in body["labels"][:1]
        ]
        for one in query:
            actors.ask(actors.admin, "GET", f"{GROUPS}/", query=[one, ("perpage", "4")])
        actors.ask(actors.admin, "GET", f"{GROUPS}/", query=query)
        actors.ask(
            actors.admin, "GET", f"{GROUPS}/", query=[query[0], query[-1], ("perpage", "2"), ("page", "2")]
        )
    for odd in (
        ("id", "NOPE"),
        ("integration_id", "NOPE"),
        ("route_id", "NOPE"),
        ("state", "NEW"),
        ("zzz", "1"),
    ):
        actors.ask(actors.admin, "GET", f"{GROUPS}/", query=[odd])
    for person in [person for person in actors.readers if person.organization == "first"]:
        actors.walk(person, GROUPS, [("perpage", "7")])
