"""YAML that is small to send and endless to read, or that the parser itself cannot bear."""

from __future__ import annotations

from pathlib import Path

import httpx
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
    "two documents": "--- a\n--- b",
    "a lone surrogate": 'a: "\\uD800"',
    "a NUL": "a: \0",
    "an end that does not come": "a: [1, 2",
}
YAML = {"Content-Type": "application/yaml"}
ORGANISATION = "{id: 01FCNDV6P870EA6S7TK1DSYD00, name: x, slug: x, slack_team_id: x, last_number: VALUE}"
COUNTED = f"version: 1\nincident-io:\n  organisations:\n  - {ORGANISATION}\n"
TIMED = "version: 1\nsandbox:\n  clock: {frozen_at: VALUE}\n"
STEPPING = "version: 1\nsandbox:\n  clock: {tick: VALUE}\n"
FREE = "version: 1\nsandbox:\n  budgets: {grafana-oncall: {x: {y: [VALUE]}}}\n"
# Only who wants a number, a time or a name finds out about these.
OF_VALUES = {
    "a time that there is not": "2001-99-99",
    "a number of 5,000 digits": "9" * 5_000,
    "a number in base 16 of 40,000 bits": "0x" + "f" * 10_000,
    "no number": "0b_",
    "an infinite number": ".inf",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_yaml_bomb_is_refused_with_its_line(name: str, tmp_path: Path) -> None:
    file = tmp_path / "bomb.yaml"
    file.write_text(BOMBS[name], "utf-8")
    with pytest.raises(ConfigurationError, match=r"bomb\.yaml(:\d+)?: ") as refused:
        yamlfile.compose_guarded(file, yamlfile.read_text(file))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", BOMBS)
def test_a_state_that_is_a_bomb_is_refused_and_changes_nothing(client: httpx.Client, name: str) -> None:
    before = client.get("/_mock/state").text
    refused = client.put("/_mock/state", content=BOMBS[name].encode(), headers=YAML)
    assert (refused.status_code, list(refused.json())) == (400, ["error"])
    assert len(refused.content) < 600
    assert client.get("/_mock/state").text == before


@pytest.mark.parametrize("value", OF_VALUES.values(), ids=list(OF_VALUES))
@pytest.mark.parametrize("place", [COUNTED, TIMED, STEPPING, FREE])
def test_a_state_with_a_value_that_nobody_can_bear_is_refused(
    client: httpx.Client, place: str, value: str
) -> None:
    before = client.get("/_mock/state").text
    refused = client.put("/_mock/state", content=place.replace("VALUE", value).encode(), headers=YAML)
    assert (refused.status_code, list(refused.json())) == (400, ["error"])
    assert len(refused.content) < 600
    assert client.get("/_mock/state").text == before


def test_a_state_as_it_was_exported_is_no_bomb(client: httpx.Client) -> None:
    exported = client.get("/_mock/state").content
    assert client.put("/_mock/state", content=exported, headers=YAML).status_code == 204


def test_what_is_as_deep_as_it_may_be_is_read() -> None:
    deep = "[" * yamlfile.DEEPEST + "]" * yamlfile.DEEPEST
    assert yamlfile.compose_guarded(Path("state"), deep) is not None
    with pytest.raises(ConfigurationError, match="more than 256 levels deep"):
        yamlfile.compose_guarded(Path("state"), f"[{deep}]")
