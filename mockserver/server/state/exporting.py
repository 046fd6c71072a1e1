"""A sandbox's state as YAML: deterministic, made to be read and changed by people, and a fixture as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import yaml

from mockserver.core.provider import Provider
from mockserver.core.webhook import WebhookTarget
from mockserver.server.state.keeping import SandboxState
from mockserver.server.state.reading import SANDBOX, VERSION
from mockserver.server.state.section import ClockSection, IdsSection, SandboxSection

try:
    from yaml import CSafeDumper as Dumper
except ImportError:
    from yaml import SafeDumper as Dumper  # type: ignore[assignment]

HEAD = "# The state of a sandbox. Credentials and secrets of webhooks stand in it.\n"
# What comes back as it was from a block of lines, or without quotes; anything else is escaped.
PLAIN = re.compile("[\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
WIDEST = 2**31 - 1


def export(state: SandboxState, providers: Iterable[Provider], standing: Sequence[WebhookTarget]) -> str:
    """`standing` are the targets that every sandbox of this server has anyway, and that stay out of it."""
    root = [(_text("version"), _node(VERSION))]
    for provider in providers:
        tables = state.worlds[provider.name].tables
        collections = [
            (name, list(tables[name].records.values())) for name in provider.records if name in tables
        ]
        content = [(_text(name), _block(records)) for name, records in collections if records]
        root.append((_text(provider.name), _mapping(content, flow=not content)))
    root.append((_text(SANDBOX), _record(_section(state, standing), flow=False)))
    node = _mapping(root, flow=False)
    return HEAD + yaml.serialize(node, Dumper=Dumper, allow_unicode=True, width=WIDEST)


def _section(state: SandboxState, standing: Sequence[WebhookTarget]) -> SandboxSection:
    return SandboxSection(
        None if state.clock is None else ClockSection.of(state.clock),
        None if state.ids is None else IdsSection.of(state.ids),
        tuple(target for target in state.targets if target not in standing),
        {name: world.budgets for name, world in state.worlds.items() if any(world.budgets.values())},
    )


def _record(record: Any, *, flow: bool) -> yaml.Node:
    """Without the fields that are as they would be if nobody said anything."""
    given = ((field, getattr(record, field.name)) for field in fields(record))
    told = [(field.name, value) for field, value in given if not _usual(field, value)]
    return _mapping([(_text(name), _node(value, flow=flow)) for name, value in told], flow=flow or not told)


def _usual(field: Any, value: Any) -> bool:
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return type(value) is type(default) and bool(value == default)


def _node(value: Any, *, flow: bool = False) -> yaml.Node:
    if isinstance(value, str):
        return _text(value)
    if is_dataclass(value):
        return _record(value, flow=flow)
    if isinstance(value, Mapping):
        items = [(_text(key), _node(inner, flow=flow)) for key, inner in value.items()]
        return _mapping(items, flow=flow or not items)
    if isinstance(value, list | tuple):
        return _sequence(value, flow=flow)
    if isinstance(value, datetime):
        return _scalar("timestamp", value.astimezone(UTC).isoformat().replace("+00:00", "Z"))
    return _single(value)


def _single(value: object) -> yaml.Node:
    if value is None:
        return _scalar("null", "null")
    if isinstance(value, bool):
        return _scalar("bool", "true" if value else "false")
    if isinstance(value, int):
        return _scalar("int", str(value))
    # YAML wants a point before an exponent.
    text = repr(value)
    return _scalar("float", text if "." in text else text.replace("e", ".0e"))


def _sequence(values: Sequence[Any], *, flow: bool) -> yaml.Node:
    """Lists of values on one line, lists of records with a line for each."""
    flow = flow or not any(is_dataclass(value) for value in values)
    items = [_node(value, flow=not _holds_a_time(value)) for value in values]
    return yaml.SequenceNode("tag:yaml.org,2002:seq", items, flow_style=flow)


def _holds_a_time(value: Any) -> bool:
    """A time has colons, and would need quotes, and a tag, between braces."""
    if is_dataclass(value):
        return any(_holds_a_time(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, list | tuple):
        return any(map(_holds_a_time, value))
    return isinstance(value, datetime)


def _block(records: Sequence[Any]) -> yaml.Node:
    items = [_record(record, flow=False) for record in records]
    return yaml.SequenceNode("tag:yaml.org,2002:seq", items, flow_style=False)


def _mapping(items: list[tuple[yaml.Node, yaml.Node]], *, flow: bool) -> yaml.Node:
    return yaml.MappingNode("tag:yaml.org,2002:map", items, flow_style=flow)


def _text(text: str) -> yaml.Node:
    style = None
    if PLAIN.fullmatch(text) is None:
        style = '"'
    elif "\n" in text:
        style = '"' if text[0] in " \n" or not text.strip() else "|"
    return _scalar("str", text, style)


def _scalar(kind: str, text: str, style: str | None = None) -> yaml.Node:
    return yaml.ScalarNode(f"tag:yaml.org,2002:{kind}", text, style=style)
