"""From a path to what answers it, one step a segment. A literal segment wins over a parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, TypeVar
from urllib.parse import unquote

Target = TypeVar("Target")
# Clients ask for the same few things again and again.
MOST_REMEMBERED, LONGEST_REMEMBERED = 1_000, 200
NO_VALUES: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class _Node(Generic[Target]):
    literals: dict[str, _Node[Target]] = field(default_factory=dict)
    parameter: _Node[Target] | None = None
    end: tuple[Target, tuple[str, ...]] | None = None


class Router(Generic[Target]):
    def __init__(self) -> None:
        self._root: _Node[Target] = _Node()
        self._literal: dict[str, Target] = {}
        self._found: dict[str, tuple[Target, Mapping[str, str]]] = {}

    def add(self, template: str, target: Target) -> None:
        """`template` is a path of the document, e.g. `/v2/incidents/{id}`; a slash at its end counts."""
        self._found.clear()
        node = self._root
        names = []
        for segment in template.removeprefix("/").split("/"):
            if segment.startswith("{") and segment.endswith("}"):
                names.append(segment[1:-1])
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        node.end = (target, tuple(names))
        if not names:
            self._literal[template] = target

    def __iter__(self) -> Iterator[Target]:
        """Every target, once for each template that leads to it."""
        nodes = [self._root]
        while nodes:
            node = nodes.pop()
            if node.end is not None:
                yield node.end[0]
            nodes += node.literals.values()
            nodes += [node.parameter] if node.parameter is not None else []

    def match(self, path: str) -> tuple[Target, Mapping[str, str]] | None:
        """What answers a path, and the values of its parameters, for nobody to write to.

        `path` as it was sent: segments are split first and decoded after, so that %2F is no slash.
        """
        literal = self._literal.get(path)
        if literal is not None:
            return literal, NO_VALUES
        found = self._found.get(path)
        if found is None:
            found = self._search(path)
            if found is not None and len(path) <= LONGEST_REMEMBERED:
                if len(self._found) >= MOST_REMEMBERED:
                    self._found.clear()
                self._found[path] = found
        return found

    def _search(self, path: str) -> tuple[Target, Mapping[str, str]] | None:
        if not path.startswith("/"):
            return None
        segments = path[1:].split("/")
        if "%" in path:
            segments = [unquote(segment) for segment in segments]
        values: list[str] = []
        node = self._root
        certain = True
        for segment in segments:
            literal, parameter = node.literals.get(segment), node.parameter
            if literal is not None:
                certain = certain and parameter is None
                node = literal
            elif parameter is not None and segment:
                values.append(segment)
                node = parameter
            else:
                break
        else:
            if node.end is not None:
                target, names = node.end
                return target, dict(zip(names, values, strict=True))
        return None if certain else _match_any(self._root, segments)


def _match_any(root: _Node[Target], segments: Sequence[str]) -> tuple[Target, Mapping[str, str]] | None:
    """Where a literal led nowhere and a parameter may still lead somewhere."""
    values: list[str] = []
    end = _descend(root, segments, 0, values)
    if end is None:
        return None
    target, names = end
    return target, dict(zip(names, values, strict=True))


def _descend(
    node: _Node[Target], segments: Sequence[str], at: int, values: list[str]
) -> tuple[Target, tuple[str, ...]] | None:
    if at == len(segments):
        return node.end
    segment = segments[at]
    literal = node.literals.get(segment)
    if literal is not None:
        found = _descend(literal, segments, at + 1, values)
        if found is not None:
            return found
    if node.parameter is not None and segment:
        values.append(segment)
        found = _descend(node.parameter, segments, at + 1, values)
        if found is not None:
            return found
        values.pop()
    return None
