"""Reading YAML so that whatever is wrong with it can be named by file and line, and nothing in it can hurt."""

from __future__ import annotations

from pathlib import Path

import yaml

from mockserver.core.errors import ConfigurationError

try:
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

# In bytes, of one file.
LARGEST_FILE = 64 * 1024 * 1024
MOST_VALUES = 5_000_000
DEEPEST = 256


def compose(path: Path) -> yaml.Node | None:
    """The nodes of a file that is trusted to be no bomb; they know their lines. None for an empty file. Raises
    ConfigurationError."""
    return _composed(path, read_text(path))


def compose_foreign(path: Path) -> yaml.Node | None:
    """The nodes of a file that nobody vouches for. Raises ConfigurationError."""
    return compose_guarded(path, read_text(path))


def compose_guarded(name: Path, text: str, most_values: int = MOST_VALUES) -> yaml.Node | None:
    """The nodes of a text that nobody vouches for; `name` is what errors call it.

    Raises ConfigurationError also for aliases, which can make much of little, for tags, for more than `most_values`
    values, and for nesting beyond DEEPEST, which would end the process: the parser in C calls itself for every level.
    """
    depth = values = 0
    try:
        for event in yaml.parse(text, Loader=Loader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
                raise ConfigurationError(f"{name}:{line}: anchors and aliases are not read here")
            # "!" says that a scalar is a text, as an exported state does of times that are none.
            if getattr(event, "tag", None) not in (None, "!"):
                raise ConfigurationError(f"{name}:{line}: tags are not read here")
            values += isinstance(event, yaml.NodeEvent)
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST:
                raise ConfigurationError(f"{name}:{line}: more than {DEEPEST} levels deep")
            if values > most_values:
                raise ConfigurationError(f"{name}:{line}: more than {most_values} values")
    except yaml.YAMLError as error:
        raise broken(name, error) from None
    return _composed(name, text)


def _composed(name: Path, text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise broken(name, error) from None


def read_text(path: Path) -> str:
    """Raises ConfigurationError, also for more than LARGEST_FILE bytes."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > LARGEST_FILE:
        raise ConfigurationError(f"{path}: no more than {LARGEST_FILE} bytes are read")
    return decoded(path, content)


def decoded(name: Path, content: bytes) -> str:
    """Raises ConfigurationError."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}: is not UTF-8 (byte {error.start})") from None


def broken(path: Path, error: yaml.YAMLError) -> ConfigurationError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "is not YAML"
    line = f":{mark.line + 1}" if mark is not None else ""
    return ConfigurationError(f"{path}{line}: {problem}")
