from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core import jsontext

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_what_is_json_is_read_as_it_is(value: object) -> None:
    assert jsontext.parse(json.dumps(value)) == value


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_what_only_python_calls_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not JSON compliant: '-?(NaN|Infinity)'"):
        jsontext.parse(text)


@pytest.mark.parametrize("depth", [jsontext.DEEPEST + 1, 5_000, 200_000])
@pytest.mark.parametrize("opening, closing", ["[]", ('{"a":', "}")])
def test_nesting_beyond_the_limit_is_refused(depth: int, opening: str, closing: str) -> None:
    with pytest.raises(ValueError, match=r"more than 200 levels deep"):
        jsontext.parse(opening * depth + "1" + closing * depth)


def test_nesting_up_to_the_limit_and_many_shallow_values_are_read() -> None:
    assert jsontext.parse("[" * jsontext.DEEPEST + "]" * jsontext.DEEPEST)
    assert len(jsontext.parse("[" + ",".join(["[]"] * 1000) + "]")) == 1000


@given(JSON)
def test_replacing_surrogates_leaves_everything_else_alone(value: object) -> None:
    assert jsontext.without_surrogates(value) == value


def test_every_lone_surrogate_is_replaced_in_keys_and_values() -> None:
    broken = {"a\ud800": ["\udfff", {"b": "x\udc00y"}]}
    assert jsontext.without_surrogates(broken) == {"a\ufffd": ["\ufffd", {"b": "x\ufffdy"}]}
    assert jsontext.surrogate("ab\udc00\ud800") == "\udc00"
    assert jsontext.surrogate("😀") is None


def test_every_byte_that_belongs_to_no_character_is_replaced_by_itself() -> None:
    assert jsontext.decode_each_byte("aé😀".encode()) == "aé😀"
    assert (
        jsontext.decode_each_byte(b"a\xe2\x82b\xff\xf0\x9f\x94") == "a\ufffd\ufffdb\ufffd\ufffd\ufffd\ufffd"
    )


def test_white_space_around_a_value_says_nothing() -> None:
    assert jsontext.parse(b' {"a": 1}\r\n\t ') == jsontext.parse('{"a": 1}\n') == {"a": 1}
    with pytest.raises(ValueError, match="Extra data"):
        jsontext.parse('{"a": 1}\n\x0b')
