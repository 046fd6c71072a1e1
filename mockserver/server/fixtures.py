"""Fixtures: the YAML that a person edits, turned into the records of a provider, with file and line for every slip."""

from __future__ import annotations

import collections.abc
import dataclasses
import difflib
import types
import typing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from mockserver.core.errors import ConfigurationError
from mockserver.core.fixtures import FixtureError, Fixtures
from mockserver.core.provider import Provider
from mockserver.core.sandbox import Services, World, services
from mockserver.core.webhook import WebhookTarget
from mockserver.providers import REGISTRY
from mockserver.server import resources, yamlfile

NOUNS = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    datetime: "a time, e.g. 2020-06-19T12:37:01Z",
}


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
    records: dict[str, list[Any]] = {collection: [] for collection in provider.records}
    places: dict[tuple[str, int], Place] = {}
    files = sorted(file for file in folder.iterdir() if file.suffix in (".yaml", ".yml"))
    if not files:
        raise ConfigurationError(f"{folder}: there is no YAML file")
    for file in files:
        for collection, items in _collections(file, provider):
            for item in items:
                places[collection, len(records[collection])] = _place(file, item)
                where = f"{collection}[{len(records[collection])}]"
                records[collection].append(_record(file, item, provider.records[collection], where))
    return FixtureSet(provider, records, places)


def count_records(name: str, fixtures: Path) -> dict[str, int]:
    """How many records of each collection one provider's fixtures hold; they have to make a world. Raises
    ConfigurationError."""
    found = load_fixtures(REGISTRY[name], fixtures)
    found.build(services(seed=None, name="check", base_url="", rate_factor=None))
    return {collection: len(records) for collection, records in found.records.items()}


def _place(file: Path, node: yaml.Node) -> Place:
    return Place(file, node.start_mark.line + 1)


def _collections(file: Path, provider: Provider) -> list[tuple[str, list[yaml.Node]]]:
    root = yamlfile.compose(file)
    if root is None:
        return []
    found = []
    for key, (key_node, value) in _mapping(file, root, "the file").items():
        if key not in provider.records:
            raise _place(file, key_node).error(f"unknown collection {key!r}{_meant(key, provider.records)}")
        if not isinstance(value, yaml.SequenceNode):
            raise _place(file, value).error(f"{key}: must be a list")
        found.append((key, list(value.value)))
    return found


def _mapping(file: Path, node: yaml.Node, where: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _place(file, node).error(f"{where}: must be a mapping of keys to values")
    pairs: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key_node, value in node.value:
        key = str(key_node.value)
        if key in pairs:
            raise _place(file, key_node).error(f"{where}: key {key!r} is there twice")
        pairs[key] = (key_node, value)
    return pairs


def _record(file: Path, node: yaml.Node, record_type: type, where: str) -> Any:
    hints = typing.get_type_hints(record_type)
    values: dict[str, Any] = {}
    for key, (key_node, value) in _mapping(file, node, where).items():
        if key not in hints:
            raise _place(file, key_node).error(f"{where}: unknown key {key!r}{_meant(key, hints)}")
        values[key] = _value(file, value, hints[key], f"{where}.{key}")
    for field in dataclasses.fields(record_type):
        if field.name not in values and field.default is dataclasses.MISSING:
            raise _place(file, node).error(f"{where}: {field.name!r} is missing")
    return record_type(**values)


def _value(file: Path, node: yaml.Node, hint: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        if not isinstance(node, yaml.SequenceNode):
            raise _place(file, node).error(f"{where}: must be a list")
        return tuple(_value(file, item, arguments[0], f"{where}[{at}]") for at, item in enumerate(node.value))
    if origin is collections.abc.Mapping:
        return _plain(file, node, where)
    if dataclasses.is_dataclass(hint):
        return _record(file, node, typing.cast(type, hint), where)
    value = _scalar(file, node, where)
    if origin is types.UnionType:
        if value is None:
            return None
        hint = next(argument for argument in arguments if argument is not types.NoneType)
    if origin is typing.Literal:
        if value not in arguments:
            raise _place(file, node).error(f"{where}: {value!r} is none of {', '.join(map(repr, arguments))}")
        return value
    if type(value) is not hint:
        raise _place(file, node).error(f"{where}: {value!r} is not {NOUNS[hint]}")
    try:
        return value.astimezone(UTC) if isinstance(value, datetime) else value
    except OverflowError:
        raise _place(file, node).error(f"{where}: there is no such time in UTC") from None


def _plain(file: Path, node: yaml.Node, where: str) -> Any:
    """A mapping that is nobody's record: any JSON below, times as they are written."""
    if isinstance(node, yaml.MappingNode):
        pairs = _mapping(file, node, where)
        return {key: _inner(file, value, f"{where}.{key}") for key, (_, value) in pairs.items()}
    raise _place(file, node).error(f"{where}: must be a mapping of keys to values")


def _inner(file: Path, node: yaml.Node, where: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _plain(file, node, where)
    if isinstance(node, yaml.SequenceNode):
        return [_inner(file, item, f"{where}[{at}]") for at, item in enumerate(node.value)]
    value = _scalar(file, node, where)
    return node.value if isinstance(value, date) else value


def _scalar(file: Path, node: yaml.Node, where: str) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        raise _place(file, node).error(f"{where}: must be a single value")
    try:
        value = yaml.constructor.SafeConstructor().construct_object(node)
    except (ValueError, yaml.YAMLError) as error:
        problem = getattr(error, "problem", None) or error
        raise _place(file, node).error(f"{where}: {problem}") from None
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _meant(key: str, known: typing.Iterable[str]) -> str:
    close = difflib.get_close_matches(key, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}"
