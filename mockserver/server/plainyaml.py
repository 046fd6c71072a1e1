"""YAML as JSON would hold it: every key is a text, and so is what looks like a time.

libyaml composes the nodes. Their values are made here, in a third of the time that PyYAML's constructor takes; it is
asked only for what few documents hold: floats, times, merged keys.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from mockserver.core.errors import ConfigurationError
from mockserver.server import yamlfile

_TAG = "tag:yaml.org,2002:"
STRING, INTEGER, BOOLEAN, NULL, MERGE = (_TAG + kind for kind in ("str", "int", "bool", "null", "merge"))
MAPPING, SEQUENCE = _TAG + "map", _TAG + "seq"
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_BOOLEANS = {"true": True, "false": False}


def load(path: Path) -> Any:
    """Raises ConfigurationError, also for what holds itself and for more than MOST_VALUES values."""
    node = yamlfile.compose(path)
    return None if node is None else _Reading(path).value(node)


class _Reading:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: set[int] = set()
        self._values = 0

    def value(self, node: yaml.Node) -> Any:
        tag = node.tag
        if tag == STRING:
            return node.value
        if tag == MAPPING and isinstance(node, yaml.MappingNode):
            self._enter(node)
            value: Any = self._mapping(node)
            self._open.discard(id(node))
            return value
        if tag == SEQUENCE and isinstance(node, yaml.SequenceNode):
            self._enter(node)
            value = [self.value(item) for item in node.value]
            self._open.discard(id(node))
            return value
        if tag == BOOLEAN and node.value in _BOOLEANS:
            return _BOOLEANS[node.value]
        if tag == INTEGER and _DECIMAL.fullmatch(node.value):
            return int(node.value)
        return None if tag == NULL else self._otherwise(node)

    def _enter(self, node: yaml.CollectionNode) -> None:
        """An alias leads to the node itself: it can lead into what it stands in, or make much of little."""
        if id(node) in self._open:
            raise ConfigurationError(f"{self._path}: holds itself, through an alias")
        self._open.add(id(node))
        if len(self._open) > yamlfile.DEEPEST:
            raise self._error(node, f"more than {yamlfile.DEEPEST} levels deep")
        self._values += len(node.value)
        if self._values > yamlfile.MOST_VALUES:
            raise ConfigurationError(f"{self._path}: more than {yamlfile.MOST_VALUES} values")

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        pairs = node.value
        if any(key.tag == MERGE for key, _ in pairs):
            pairs = self._merged(node)
        return {self._key(key): self.value(value) for key, value in pairs}

    def _key(self, node: yaml.Node) -> str:
        if node.tag == STRING:
            return str(node.value)
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(node, "a key must be a single value")
        return str(self._otherwise(node))

    def _merged(self, node: yaml.MappingNode) -> list[tuple[yaml.Node, yaml.Node]]:
        try:
            yaml.constructor.SafeConstructor().flatten_mapping(node)
        except yaml.YAMLError as error:
            raise yamlfile.broken(self._path, error) from None
        return list(node.value)

    def _otherwise(self, node: yaml.Node) -> Any:
        try:
            value = yaml.constructor.SafeConstructor().construct_document(node)
        except yaml.YAMLError as error:
            raise yamlfile.broken(self._path, error) from None
        except ValueError as error:
            raise self._error(node, str(error)) from None
        return value.isoformat() if isinstance(value, date) else value

    def _error(self, node: yaml.Node, problem: str) -> ConfigurationError:
        return ConfigurationError(f"{self._path}:{node.start_mark.line + 1}: {problem}")
