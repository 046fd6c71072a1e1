"""Ids carried from answers into requests, and what else may differ from run to run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.server.replay.carry import Carry
from mockserver.server.replay.volatile import Shapes

BASE = "http://127.0.0.1:4010"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
oncall_ids = st.builds(
    lambda first, rest: first + rest, st.sampled_from("IMPU"), st.text(ALPHABET, min_size=12, max_size=12)
)
ulids = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=25, max_size=25).map(lambda rest: f"0{rest}")
ids = st.one_of(oncall_ids, ulids, st.uuids().map(str))
# What can stand between ids, in a path, a query, JSON or prose.
between = st.sampled_from(
    ["/", "?a=", "&b=", '"', " ", ", ", '{"x": "', "\\n", "%20", "\\u00e9", " ü ", "/api/v1/"]
)


@st.composite
def renamings(draw: st.DrawFn) -> Mapping[str, str]:
    """Some ids of a recording, each with the one of the same shape that stands for it in another run."""
    old = draw(st.lists(ids, unique=True, min_size=1, max_size=8))
    random = Random(draw(st.integers(0, 1000)))
    new = [_like(one, random) for one in old]
    return dict(zip(old, new, strict=True))


def _like(one: str, random: Random) -> str:
    """A fresh id of its shape; with 10^15 of them, none comes twice."""
    if "-" in one:
        return "".join(letter if letter == "-" else random.choice("0123456789abcdef") for letter in one)
    return one[0] + "".join(random.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in one[1:])


def carry(*vocabulary: str) -> Carry:
    return Carry(Shapes(BASE), frozenset(vocabulary))


@given(renamings(), st.data())
def test_an_id_seen_in_an_answer_is_replaced_in_every_later_request(
    renaming: Mapping[str, str], data: st.DataObject
) -> None:
    known = carry(*renaming)
    assert all(known.same(old, new) for old, new in renaming.items())
    words = data.draw(st.lists(st.tuples(between, st.sampled_from(list(renaming))), min_size=1))
    recorded = "".join(gap + word for gap, word in words)
    expected = "".join(gap + renaming[word] for gap, word in words)
    assert known.outgoing(recorded) == expected
    assert known.same(recorded, expected)


@given(renamings(), ids)
def test_an_id_stands_for_one_other_only_in_both_directions(renaming: Mapping[str, str], other: str) -> None:
    known = carry(*renaming)
    for old, new in renaming.items():
        assert known.same(old, new)
    for old, new in renaming.items():
        if other not in (old, new):
            assert not known.same(old, other)
        if other not in renaming:
            assert not known.same(other, new)


@given(st.lists(oncall_ids, unique=True, min_size=2, max_size=6))
def test_a_list_in_another_order_does_not_pass_for_new_ids(known_ids: list[str]) -> None:
    known = carry(*known_ids)
    assert not known.same(known_ids[0], known_ids[1])
    assert known.same(known_ids[0], known_ids[0])


@given(oncall_ids, oncall_ids)
def test_an_id_that_went_out_unknown_has_to_come_back_itself(sent: str, other: str) -> None:
    known = carry()
    assert known.outgoing(f"/notes/{sent}/") == f"/notes/{sent}/"
    assert known.same(sent, other) is (sent == other)


@given(st.text(), st.text())
def test_texts_without_anything_volatile_are_the_same_only_if_they_are_equal(one: str, other: str) -> None:
    parts = [*Shapes(BASE).parts(one), *Shapes(BASE).parts(other)]
    if all(part.kind == "literal" for part in parts):
        assert carry().same(one, other) is (one == other)


@given(st.lists(st.one_of(st.text(), ids, between, st.just("2026-01-01T00:00:00Z"), st.just(f"{BASE}/x"))))
def test_taking_a_text_apart_loses_nothing_of_it(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert "".join(part.text for part in Shapes(BASE).parts(text)) == text
    assert carry().outgoing(text) == text


@pytest.mark.parametrize(
    "recorded, seen",
    [
        ("2026-11-22T02:04:45.576622Z", "2020-01-01T00:00:00Z"),
        ("2026-11-22T02:04:45+00:00", "2020-01-01T00:00:00.5+00:00"),
        ("Sun, 22 Nov 2026 02:05:12 UTC", "Mon, 01 Dec 2025 00:00:00 UTC"),
        ("Expected available in 49 seconds.", "Expected available in 1 second."),
        ("http://127.0.0.1:18080/api/v1/x/?page=2", f"{BASE}/api/v1/x/?page=2"),
        ("https://example.com/M3VLPQ282K4ZB", "https://example.com/MQFLKTDBYY56B"),
    ],
)
def test_times_waits_addresses_and_new_ids_may_differ(recorded: str, seen: str) -> None:
    assert carry(recorded).same(recorded, seen)


@pytest.mark.parametrize(
    "recorded, seen",
    [
        ("2026-11-22T02:04:45Z", "2026-11-22T02:04:45+00:00"),
        ("2026-11-22T02:04:45Z", "2026-11-22"),
        ("Sun, 22 Nov 2026 02:05:12 UTC", "Sun, 22 Nov 2026 02:05:12 GMT"),
        ("Expected available in 49 seconds.", "Available in 49 seconds."),
        ("http://127.0.0.1:18080/api/v1/x/", f"{BASE}/api/v1/y/"),
        ("http://127.0.0.1:18080/", "http://127.0.0.1:40100/"),
        ("https://example.com/a", "https://example.org/a"),
        ("M3VLPQ282K4ZB", "01GBA8J19SMXQWPJMX3P2ESCVG-"),
        ("M3VLPQ282K4ZB", "M3VLPQ282K4Z"),
        ("M3VLPQ282K4ZB", ""),
    ],
)
def test_their_form_and_everything_around_them_may_not(recorded: str, seen: str) -> None:
    assert not carry().same(recorded, seen)


def test_the_recording_has_one_address_and_it_never_stays_behind() -> None:
    known = carry()
    assert known.same("http://old/a", f"{BASE}/a")
    assert not known.same("http://other/a", f"{BASE}/a")
    assert not known.same("http://old/a", "http://old/a")
    assert known.same("http://elsewhere/a", "http://elsewhere/a")


def test_a_target_below_a_path_is_known_by_its_whole_address() -> None:
    known = Carry(Shapes(f"{BASE}/oncall"))
    assert known.same("http://old/api/v1/x/?page=2", f"{BASE}/oncall/api/v1/x/?page=2")
    assert not known.same("http://old/api/v1/x/?page=2", f"{BASE}/api/v1/x/?page=2")


def test_a_time_that_was_sent_has_to_come_back_as_sent() -> None:
    known = carry()
    known.outgoing(json.dumps({"started_at": "2026-01-02T03:04:05Z"}))
    assert not known.same("2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z")
    assert known.same("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z")


def test_a_time_that_an_answer_brought_stays_volatile_when_it_is_sent_back() -> None:
    known = carry()
    assert known.same("2026-01-02T03:04:05Z", "2030-01-01T00:00:00Z")
    known.outgoing("started_at=2026-01-02T03:04:05Z")
    assert known.same("2026-01-02T03:04:05Z", "2030-01-01T00:00:00Z")


def test_a_fork_takes_what_it_learns_with_it() -> None:
    known = carry()
    assert known.same("M3VLPQ282K4ZB", "MQFLKTDBYY56B")
    fork = known.fork()
    assert fork.outgoing("M3VLPQ282K4ZB") == "MQFLKTDBYY56B"
    assert fork.same("MZ824H6EQ7EZU", "M82ZZ2XVWIFLT")
    assert known.translated("MZ824H6EQ7EZU") == "MZ824H6EQ7EZU"


def test_the_fixed_part_of_a_text_does_not_count_what_is_volatile() -> None:
    shapes = Shapes(BASE)
    one = (
        '{"id":"M3VLPQ282K4ZB","request_id":"abcdefgh","at":"2026-11-22T02:04:45.5Z","next":"http://old:1/x"}'
    )
    other = f'{{"id":"MQFLKTDBYY56B","request_id":"","at":"2026-11-22T02:04:45Z","next":"{BASE}/x"}}'
    assert shapes.fixed_length(one) == shapes.fixed_length(other)
    assert shapes.fixed_length(one) != shapes.fixed_length(one.replace(",", ", "))
