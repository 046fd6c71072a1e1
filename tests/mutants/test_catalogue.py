"""The mutants as a list, and what each of them does to a short conversation."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import cache

import pytest

from contract_tests.mutants.catalogue import MUTANTS
from contract_tests.mutants.mutant import CLASSES, HARMLESS, INCIDENT, NONE, ONCALL, Mutant
from mockserver.server.app import MockServer
from tests.mutants.conversation import Different, Talk, fresh_mock
from tests.mutants.conversation_incident_io import with_incident_io
from tests.mutants.conversation_oncall import with_oncall

DEFECTS = [mutant for mutant in MUTANTS.values() if not mutant.harmless]
SEEN = [mutant for mutant in MUTANTS.values() if not mutant.hidden and mutant is not NONE]
CHANGES = [mutant for mutant in MUTANTS.values() if mutant.harmless and mutant is not NONE]


@cache
def mock() -> MockServer:
    return fresh_mock()


def transcript(mutant: Mutant, expected: list[str] | None = None) -> list[str]:
    """What is told in both conversations, or in that of the mutant's vendor. Raises Different."""

    async def whole() -> list[str]:
        talk = Talk(mock(), mutant, expected)
        if ONCALL in mutant.vendors:
            await with_oncall(talk)
        if INCIDENT in mutant.vendors:
            await with_incident_io(talk)
        return talk.told

    mock().sandboxes.reset("default")
    return asyncio.run(whole())


@cache
def healthy(vendors: tuple[str, ...]) -> list[str]:
    return transcript(Mutant("none", HARMLESS, vendors, "Nothing.", NONE.act))


def test_there_are_more_than_a_hundred_defects_and_twenty_harmless_changes() -> None:
    assert len(DEFECTS) >= 110
    assert len(CHANGES) >= 24


def test_every_class_has_defects_and_no_other_class_is_there() -> None:
    assert {mutant.about for mutant in DEFECTS} == set(CLASSES)


def test_both_vendors_have_their_share_of_every_class() -> None:
    by_vendor = Counter((mutant.about, *mutant.vendors) for mutant in DEFECTS)
    assert [
        pair for about in CLASSES for pair in ((about, ONCALL), (about, INCIDENT)) if not by_vendor[pair]
    ] == []


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.name)
def test_what_a_mutant_is_told_as_is_a_sentence(mutant: Mutant) -> None:
    assert mutant.sentence[0].isupper() or mutant.sentence.split()[0] in mutant.sentence
    assert mutant.sentence.endswith(".")
    assert " " in mutant.sentence


@pytest.mark.parametrize("mutant", CHANGES, ids=lambda mutant: mutant.name)
def test_a_harmless_change_quotes_who_says_so(mutant: Mutant) -> None:
    assert mutant.promise.endswith(".")


@pytest.mark.parametrize("mutant", SEEN, ids=lambda mutant: mutant.name)
def test_a_mutant_that_does_not_say_why_it_is_hidden_makes_a_difference(mutant: Mutant) -> None:
    with pytest.raises(Different):
        transcript(mutant, healthy(mutant.vendors))


ODD = (
    b"[" * 100_000,
    b'{"text":' + b"[" * 400 + b"]" * 400 + b"}",
    b'{"text":"\\ud800","title":"\\ud800","content":"\\udfff"}',
    '{"text":"é","title":"é"}'.encode("utf-16"),
    b'{"title":"\xff","text":"\xff"}',
    b"null",
    b"[]",
    b"5",
    b'{"incident":5,"alert_group_id":[],"text":{},"title":[],"labels":5}',
)
ODD_PLACES = (
    ("POST", "/api/v1/postmortems/"),
    ("PUT", "/api/v1/postmortems/P658FE5K87EWZ/"),
    ("POST", "/api/v1/resolution_notes/"),
    ("DELETE", "/api/v1/alert_groups/IQUIET1PAGE12/"),
    ("POST", "/v2/incidents"),
    ("POST", "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/edit"),
    ("POST", "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"),
    ("POST", "/v2/incident_updates"),
    ("POST", "/v3/follow_ups"),
)


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.name)
def test_no_mutant_stumbles_over_an_odd_request(mutant: Mutant) -> None:
    async def ask_oddly() -> None:
        talk = Talk(mock(), mutant)
        for method, path in ODD_PLACES:
            who = "meowmeowmeow" if path.startswith("/api/") else "Bearer inc-test-key"
            for body in ODD:
                await talk.say(method, path, body, who)
        for path in (
            "/",
            "/api/v1/",
            "/v2/incidents?page_size=%ff&after",
            "/api/v1/alert_groups/?page=²&state",
            "/v1/%2e%2e",
        ):
            await talk.say("GET", path.replace("²", "%C2%B2"))

    asyncio.run(ask_oddly())


@pytest.mark.parametrize("vendor", [ONCALL, INCIDENT])
def test_the_conversation_is_the_same_each_time(vendor: str) -> None:
    nothing = Mutant("none", HARMLESS, (vendor,), "Nothing.", NONE.act)
    assert transcript(nothing, healthy((vendor,))) == healthy((vendor,))
