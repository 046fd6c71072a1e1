"""Fixtures: the YAML that a person edits, turned into the records of a provider, with file and line for every slip."""

from __future__ import annotations

import collections.abc
import dataclasses
import difflib
import re
import types
import typing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mockserver.core.errors import ConfigurationError
from mockserver.core.fixtures import FixtureError, Fixtures
from mockserver.core.moments import NoMoment, moment
from mockserver.core.provider import Provider
from mockserver.core.sandbox import Services, World, services
from mockserver.core.webhook import WebhookTarget
from mockserver.server import resources, yamlfile

NOUNS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    datetime: "a time, e.g. 2020-06-19T12:37:01Z",
}

# What is reckoned from its digits, some of it in steps that grow with the square of their number.
TEXT, TIME = "tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp"
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)
NUMBERS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "timestamp"))
LONGEST_NUMBER = 400
LONGEST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Place:
    file: Path
    line: int

    def error(self, problem: str) -> ConfigurationError:
        return ConfigurationError(f"{self.file}:{self.line}: {problem}")


WEBHOOKS = "webhooks"


@dataclass(frozen=True)
class FixtureSet:
    """One provider's records, and where each of them was written."""

    provider: Provider
    records: Fixtures
    places: typing.Mapping[tuple[str, int], Place]

    def build(self, services: Services) -> World:
        """A fresh world. Raises ConfigurationError where records do not fit together."""
        try:
            return self.provider.build(self.records, services)
        except FixtureError as error:
            raise self.places[error.collection, error.position].error(str(error)) from None

    def webhook_targets(self) -> typing.Sequence[WebhookTarget]:
        """The addresses that fixtures name in a collection of this name, where a vendor has one."""
        return self.records.get(WEBHOOKS, ())


def load_fixtures(provider: Provider, fixtures: Path | None = None) -> FixtureSet:
    """Reads every YAML file in `<fixtures>/<provider>`, in the order of their names.

    Raises ConfigurationError naming file, line and key.
    """
    folder = (fixtures or resources.folder("fixtures")) / provider.name
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: there is no such folder of fixtures")
    files = sorted(file for file in folder.iterdir() if file.suffix in (".yaml", ".yml"))
    if not files:
        raise ConfigurationError(f"{folder}: there is no YAML file")
    composed = yamlfile.compose if fixtures is None else yamlfile.compose_foreign
    return read_fixtures(provider, [(file, composed(file)) for file in files])


def read_fixtures(
    provider: Provider, parts: typing.Iterable[tuple[Path, yaml.Node | None]], what: str = "the file"
) -> FixtureSet:
    """One provider's records out of mappings of its collections; `what` is what errors call such a mapping."""
    records: dict[str, list[Any]] = {collection: [] for collection in provider.records}
    places: dict[tuple[str, int], Place] = {}
    for file, node in parts:
        for collection, items in _collections(file, node, provider, what):
            for item in items:
                places[collection, len(records[collection])] = place(file, item)
                where = f"{collection}[{len(records[collection])}]"
                records[collection].append(read_record(file, item, provider.records[collection], where))
    return FixtureSet(provider, records, places)


def counts_of(found: FixtureSet) -> dict[str, int]:
    """How many records of each collection there are; they have to make a world. Raises ConfigurationError."""
    found.build(services(seed=None, name="check", base_url="", rate_factor=None))
    return {collection: len(records) for collection, records in found.records.items()}


def place(file: Path, node: yaml.Node) -> Place:
    return Place(file, node.start_mark.line + 1)


def _collections(
    file: Path, root: yaml.Node | None, provider: Provider, what: str
) -> list[tuple[str, list[yaml.Node]]]:
    if root is None:
        return []
    found = []
    for key, (key_node, value) in read_mapping(file, root, what).items():
        if key not in provider.records:
            raise place(file, key_node).error(
                f"unknown collection {shown(key)}{meant(key, provider.records)}"
            )
        if not isinstance(value, yaml.SequenceNode):
            raise place(file, value).error(f"{key}: must be a list")
        found.append((key, list(value.value)))
    return found


def read_mapping(file: Path, node: yaml.Node, where: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise place(file, node).error(f"{where}: must be a mapping of keys to values")
    pairs: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key_node, value in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise place(file, key_node).error(f"{where}: a key must be a single value")
        key = str(key_node.value)
        if key in pairs:
            raise place(file, key_node).error(f"{where}: key {shown(key)} is there twice")
        pairs[key] = (key_node, value)
    return pairs


@cache
def _hints(record_type: type) -> dict[str, Any]:
    return typing.get_type_hints(record_type)


@cache
def _texts(record_type: type) -> frozenset[str]:
    """The fields that a text fits as it stands."""
    return frozenset(key for key, hint in _hints(record_type).items() if hint in (str, str | None))


@cache
def _needed(record_type: Any) -> tuple[str, ...]:
    return tuple(
        field.name
        for field in dataclasses.fields(record_type)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )


def read_record(file: Path, node: yaml.Node, record_type: type, where: str) -> Any:
    hints, texts = _hints(record_type), _texts(record_type)
    values: dict[str, Any] = {}
    for key, (key_node, value) in read_mapping(file, node, where).items():
        if key not in hints:
            raise place(file, key_node).error(f"{where}: unknown key {shown(key)}{meant(key, hints)}")
        if value.tag == TEXT and key in texts:
            values[key] = value.value
        else:
            values[key] = _value(file, value, hints[key], f"{where}.{key}")
    for name in _needed(record_type):
        if name not in values:
            raise place(file, node).error(f"{where}: {name!r} is missing")
    return record_type(**values)


def _value(file: Path, node: yaml.Node, hint: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType and isinstance(node, yaml.MappingNode):
        hint = next(argument for argument in arguments if argument is not types.NoneType)
    if origin is tuple:
        if not isinstance(node, yaml.SequenceNode):
            raise place(file, node).error(f"{where}: must be a list")
        return tuple(_value(file, item, arguments[0], f"{where}[{at}]") for at, item in enumerate(node.value))
    if origin is collections.abc.Mapping:
        return _plain(file, node, where)
    if dataclasses.is_dataclass(hint):
        return read_record(file, node, typing.cast(type, hint), where)
    value = _scalar(file, node, where)
    if origin is types.UnionType:
        if value is None:
            return None
        hint = next(argument for argument in arguments if argument is not types.NoneType)
    if origin is typing.Literal:
        if value not in arguments:
            raise place(file, node).error(
                f"{where}: {shown(value)} is none of {', '.join(map(repr, arguments))}"
            )
        return value
    if hint is datetime and isinstance(value, str):
        value = _quoted_time(value)
    if hint is float and type(value) is int:
        value = float(value)
    if type(value) is not hint:
        raise place(file, node).error(f"{where}: {shown(value)} is not {NOUNS[hint]}")
    try:
        return value.astimezone(UTC) if isinstance(value, datetime) else value
    except OverflowError:
        raise place(file, node).error(f"{where}: there is no such time in UTC") from None


def _plain(file: Path, node: yaml.Node, where: str) -> Any:
    """A mapping that is nobody's record: any JSON below, times as they are written."""
    if isinstance(node, yaml.MappingNode):
        pairs = read_mapping(file, node, where)
        return {key: _inner(file, value, f"{where}.{key}") for key, (_, value) in pairs.items()}
    raise place(file, node).error(f"{where}: must be a mapping of keys to values")


def _inner(file: Path, node: yaml.Node, where: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _plain(file, node, where)
    if isinstance(node, yaml.SequenceNode):
        return [_inner(file, item, f"{where}[{at}]") for at, item in enumerate(node.value)]
    value = _scalar(file, node, where)
    return node.value if isinstance(value, date) else value


def _scalar(file: Path, node: yaml.Node, where: str) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        raise place(file, node).error(f"{where}: must be a single value")
    if node.tag == TEXT:
        return node.value
    if len(node.value) > LONGEST_NUMBER and node.tag in NUMBERS:
        raise place(file, node).error(f"{where}: no such value has more than {LONGEST_NUMBER} characters")
    try:
        if node.tag == TIME and UTC_TIME.fullmatch(node.value):
            return datetime.fromisoformat(node.value)
        value = yaml.constructor.SafeConstructor().construct_object(node)
    except (ValueError, yaml.YAMLError) as error:
        problem = getattr(error, "problem", None) or error
        raise place(file, node).error(f"{where}: {problem}") from None
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _quoted_time(text: str) -> Any:
    """What JSON has for a time is text; a text that is no time stays one."""
    try:
        return moment(text)
    except NoMoment:
        return text


def shown(value: object) -> str:
    """A value in an error, which nobody wants to be as long as the value."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def meant(key: str, known: typing.Iterable[str]) -> str:
    close = difflib.get_close_matches(key[:LONGEST_SHOWN], list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}"
