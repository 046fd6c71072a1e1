"""Reading a YAML file so that whatever is wrong with it can be named by file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from mockserver.core.errors import ConfigurationError

try:
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader  # type: ignore[assignment]


def load(path: Path) -> Any:
    """The file's plain values. Raises ConfigurationError."""
    text = read_text(path)
    try:
        return yaml.load(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise broken(path, error) from None


def compose(path: Path) -> yaml.Node | None:
    """The file's nodes, which know their lines; None for an empty file. Raises ConfigurationError."""
    text = read_text(path)
    try:
        return yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise broken(path, error) from None


def read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8 (byte {error.start})") from None


def broken(path: Path, error: yaml.YAMLError) -> ConfigurationError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "is not YAML"
    line = f":{mark.line + 1}" if mark is not None else ""
    return ConfigurationError(f"{path}{line}: {problem}")
