"""YAML that is small to send and endless to read, or that the parser itself cannot bear."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.core.errors import ConfigurationError
from mockserver.server import yamlfile

LAUGHS = "\n".join(
    ["a: &a [x,x,x,x,x,x,x,x,x]"]
    + [
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ]
)
BOMBS = {
    "laughs": LAUGHS,
    "merged keys": "a: &a {x: 1}\nb: {<<: *a}",
    "an alias of itself": "a: &a [*a]",
    "an anchor": "a: &a 1",
    "flow lists": "[" * 100_000,
    "closed flow lists": "[" * 100_000 + "]" * 100_000,
    "flow mappings": "{a: " * 100_000,
    "block lists on one line": "- " * 100_000 + "x",
    "block mappings": "\n".join(" " * depth + "a:" for depth in range(400)),
    "explicit keys": "? " * 100_000 + "x",
    "an object of Python": "a: !!python/object/apply:os.system ['true']",
    "a tag": "a: !!int 7",
    "a tag of nobody": "a: !x 7",
    "a time that there is not": "a: 2001-99-99",
    "a number of 5,000 digits": "a: " + "9" * 5_000,
    "a number in base 16 of 40,000 bits": "a: 0x" + "f" * 10_000,
    "no number": "a: 0b_",
    "a key that is a list": "? [a]\n: b",
    "two documents": "--- a\n--- b",
    "a lone surrogate": 'a: "\\uD800"',
    "a NUL": "a: \0",
    "an end that does not come": "a: [1, 2",
    "a merge of nothing": "<<: 3",
}
READERS: list[Callable[[str, str], Any]] = [yamlfile.load_text, yamlfile.compose_text]
FOR_LOADING = {
    "a time that there is not",
    "a number of 5,000 digits",
    "a key that is a list",
    "no number",
} | {
    "a number in base 16 of 40,000 bits",
    "a merge of nothing",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_yaml_bomb_is_refused_with_its_line(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^the body(:\d+)?: ") as refused:
        yamlfile.load_text(BOMBS[name], "the body")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("name", [name for name in BOMBS if name not in FOR_LOADING])
def test_nodes_are_not_made_of_a_bomb_either(name: str, tmp_path: Path) -> None:
    file = tmp_path / "bomb.yaml"
    file.write_text(BOMBS[name], "utf-8")
    with pytest.raises(ConfigurationError, match=r"bomb\.yaml(:\d+)?: "):
        yamlfile.compose(file)


@pytest.mark.parametrize("read", READERS)
def test_what_is_as_deep_as_it_may_be_is_read(read: Callable[[str, str], Any]) -> None:
    deep = "[" * yamlfile.DEEPEST + "]" * yamlfile.DEEPEST
    assert read(deep, "the body") is not None
    with pytest.raises(ConfigurationError, match="more than 256 levels deep"):
        read(f"[{deep}]", "the body")


def test_plain_values_are_read_as_they_always_were() -> None:
    text = "{a: 1, b: 1.5, c: null, d: true, e: 'x', f: 2020-06-19T12:37:01Z, g: [1, {h: i}], j: 0x10}"
    read = yamlfile.load_text(text, "the body")
    assert {name: read[name] for name in "abcdegj"} == {
        "a": 1,
        "b": 1.5,
        "c": None,
        "d": True,
        "e": "x",
        "g": [1, {"h": "i"}],
        "j": 16,
    }
    assert read["f"].year == 2020
    assert yamlfile.load_text("", "the body") is None
