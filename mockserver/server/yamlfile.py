"""Reading a YAML file so that whatever is wrong with it can be named by file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from mockserver.core.errors import ConfigurationError

try:
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader  # type: ignore[assignment]


# Deeper than any body that a vendor takes, and what the state around it adds.
DEEPEST = 256
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


class _Values(Loader):
    """Words its failures about numbers and times, and says where they are."""


def _located(construct: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def constructed(loader: Any, node: yaml.ScalarNode) -> Any:
        try:
            value = construct(loader, node)
            str(value)  # what is too long for that is too long for everybody who shows it
        except ValueError as error:
            problem = str(error).partition(";")[0]
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None
        return value

    return constructed


for _kind in ("int", "float", "timestamp"):
    _tag = f"tag:yaml.org,2002:{_kind}"
    _Values.add_constructor(_tag, _located(Loader.yaml_constructors[_tag]))


def load(path: Path) -> Any:
    """The plain values of a file that is trusted to be no bomb. Raises ConfigurationError."""
    text = read_text(path)
    try:
        return yaml.load(text, Loader=_Values)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        raise broken(path, error) from None


def compose(path: Path) -> yaml.Node | None:
    """The file's nodes, which know their lines; None for an empty file. Raises ConfigurationError."""
    return compose_text(read_text(path), path)


def load_text(text: str, where: Path | str) -> Any:
    """The plain values of a text from anywhere; `where` is what complaints call it. Raises ConfigurationError."""
    try:
        _hold(text)
        return yaml.load(text, Loader=_Values)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        raise broken(where, error) from None


def compose_text(text: str, where: Path | str) -> yaml.Node | None:
    """The same as nodes; None for an empty text."""
    try:
        _hold(text)
        return yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise broken(where, error) from None


def _hold(text: str) -> None:
    """Raises YAMLError for what is small to write and endless to read.

    An alias stands for as much as a text can hold, once more for each alias in that; and what is nested too deep ends
    the process, not the reading: the parser in C calls itself for every level. Events come one by one.
    """
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, _OPENS):
            depth += 1
        elif isinstance(event, _ENDS):
            depth -= 1
        if depth > DEEPEST:
            raise _refused(f"is nested more than {DEEPEST} levels deep", event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _refused("anchors and aliases are not read here", event)
        if getattr(event, "tag", None) is not None:
            raise _refused("tags are not read here", event)


def _refused(problem: str, event: yaml.Event) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, problem, event.start_mark)


def read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8 (byte {error.start})") from None


def broken(where: Path | str, error: yaml.YAMLError) -> ConfigurationError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "is not YAML"
    line = f":{mark.line + 1}" if mark is not None else ""
    return ConfigurationError(f"{where}{line}: {problem}")
