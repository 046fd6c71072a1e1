"""Where in the files of `specs/<provider>` a part of the served document stands: file, JSON pointer, line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from mockserver.core.collecting import uncollected
from mockserver.core.errors import Breach, ConfigurationError
from mockserver.core.provider import Operation
from mockserver.server import resources, yamlfile
from mockserver.server.documents import METHODS, UPSTREAM, folder_of, source_of
from mockserver.server.jsonpath import locations

Pointer = tuple[str, ...]
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Place:
    """`pointer` leads through the document as it is served, `line` to the nearest part above it in the file."""

    file: str
    pointer: str
    line: int

    def as_json(self) -> dict[str, Any]:
        return {"file": self.file, "pointer": self.pointer, "line": self.line}


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a file, and where in the served document it has gone."""

    file: Path
    at: Pointer
    node: yaml.Node


class Whereabouts:
    """Of one provider's document. Its files are read again, for their lines, when the first place is asked for."""

    def __init__(self, provider_name: str, document: Mapping[str, Any], specs: Path | None = None) -> None:
        self._document = document
        self._folder = folder_of(provider_name, specs)
        ours = self._folder.parent == resources.folder("specs")
        self._shown = Path("specs", provider_name) if ours else self._folder
        self._source = source_of(self._folder)

    def of_operation(self, operation: Operation) -> Pointer:
        """HEAD is where the operation is that it repeats; what no document mentions is where its path is."""
        item = self._document["paths"][operation.path]
        for method in METHODS:
            if item.get(method, {}).get("operationId") == operation.id:
                return ("paths", operation.path, method)
        return ("paths", operation.path)

    def of_status(self, operation: Operation, status: int) -> Pointer | None:
        """None for a status that the document does not promise."""
        at = (*self.of_operation(operation), "responses")
        documented = self._at(at) or {}
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in documented:
                return (*at, key)
        return None

    def of_breach(self, operation: Operation, breach: Breach) -> Pointer | None:
        """The keyword that was broken; of a rule that is no keyword, what the document says of the place."""
        at = self.of_operation(operation)
        if breach.where == "query":
            return self._of_parameter(at, breach)
        start = (*at, "requestBody", "content", "application/json", "schema")
        if self._at(start) is None:
            return None
        inside = breach.pointer[:-1] if breach.rule == "required" else breach.pointer
        schema = next(self._below(start, inside), None)
        return None if schema is None else self._keyword(schema, breach.rule)

    def place(self, pointer: Pointer) -> Place:
        best, depth = None, -1
        for part in self._parts:
            line, reached = _line(part, pointer)
            if reached > depth:
                best, depth = (part.file, line), reached
        text = "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in pointer)
        file, line = best if best is not None else (self._source, 1)
        return Place(str(self._shown / file.name), text, line)

    def _of_parameter(self, at: Pointer, breach: Breach) -> Pointer | None:
        name = breach.pointer[0]
        for above in (at, at[:2]):
            listed = self._at((*above, "parameters")) or ()
            for number in range(len(listed)):
                where = self._resolved((*above, "parameters", str(number)))
                parameter = self._at(where)
                if parameter.get("name") == name and parameter.get("in") == "query":
                    if breach.rule == "required":
                        return (*where, "required")
                    return self._keyword(self._resolved((*where, "schema")), breach.rule)
        return None

    def _keyword(self, schema: Pointer, rule: str) -> Pointer:
        for candidate in self._alternatives(schema):
            if rule in self._at(candidate):
                return (*candidate, rule)
        return schema

    def _below(self, schema: Pointer, steps: Pointer) -> Iterator[Pointer]:
        """Every schema that speaks of this place in a payload."""
        for candidate in self._alternatives(schema):
            if not steps:
                yield candidate
                continue
            node = self._at(candidate)
            if steps[0] in node.get("properties", {}):
                yield from self._below((*candidate, "properties", steps[0]), steps[1:])
            elif steps[0].isdecimal() and "items" in node:
                yield from self._below((*candidate, "items"), steps[1:])
            elif isinstance(node.get("additionalProperties"), dict):
                yield from self._below((*candidate, "additionalProperties"), steps[1:])

    def _alternatives(self, schema: Pointer) -> Iterator[Pointer]:
        schema = self._resolved(schema)
        yield schema
        node = self._at(schema)
        for combiner in SCHEMA_LISTS:
            for number in range(len(node.get(combiner, ()))):
                yield from self._alternatives((*schema, combiner, str(number)))

    def _resolved(self, pointer: Pointer) -> Pointer:
        node = self._at(pointer)
        reference = node.get("$ref") if isinstance(node, Mapping) else None
        if not isinstance(reference, str):
            return pointer
        steps = reference.removeprefix("#/").split("/")
        return self._resolved(tuple(step.replace("~1", "/").replace("~0", "~") for step in steps))

    def _at(self, pointer: Pointer) -> Any:
        """None where there is nothing."""
        node: Any = self._document
        for step in pointer:
            if isinstance(node, list):
                node = node[int(step)]
            elif isinstance(node, Mapping) and step in node:
                node = node[step]
            else:
                return None
        return node

    @cached_property
    @uncollected()
    def _parts(self) -> tuple[_Part, ...]:
        """The document's own file, then what was put beside it or into it."""
        source = self._source
        workflow, overlay = self._folder / "workflow.yaml", self._folder / "overlay.yaml"
        files = [file for file in (source, workflow) if file.is_file()]
        whole = [_Part(file, (), node) for file in files if (node := _composed(file)) is not None]
        added = self._of_overlay(overlay) if source.stem == UPSTREAM and overlay.is_file() else ()
        return (*whole, *added)

    def _of_overlay(self, file: Path) -> Iterator[_Part]:
        """Targets are looked for in the document as it has become: what was taken away has no place any more."""
        actions = _member(yamlfile.compose(file), "actions")
        for action in actions.value if isinstance(actions, yaml.SequenceNode) else ():
            target, update = _member(action, "target"), _member(action, "update")
            if isinstance(target, yaml.ScalarNode) and update is not None:
                for location in locations(target.value, dict(self._document)):
                    yield _Part(file, tuple(map(str, location)), update)


def _composed(file: Path) -> yaml.Node | None:
    """JSON is YAML, but for escaped pairs of surrogates: of a file that has them there are no lines."""
    try:
        return yamlfile.compose(file)
    except ConfigurationError:
        if file.suffix == ".json":
            return None
        raise


def _member(node: yaml.Node | None, name: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name:
                found: yaml.Node = value
                return found
    return None


def _line(part: _Part, pointer: Pointer) -> tuple[int, int]:
    """The line of the deepest node on the way to the pointer, and how many of its steps lead there; -1 of a part that
    is elsewhere."""
    node, line = part.node, part.node.start_mark.line + 1
    reached = len(part.at)
    if pointer[:reached] != part.at:
        return line, -1
    for step in pointer[reached:]:
        if isinstance(node, yaml.MappingNode):
            entry = next(((key, value) for key, value in node.value if key.value == step), None)
            if entry is None:
                break
            line, node = entry[0].start_mark.line + 1, entry[1]
        elif isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
            node = node.value[int(step)]
            line = node.start_mark.line + 1
        else:
            break
        reached += 1
    return line, reached
