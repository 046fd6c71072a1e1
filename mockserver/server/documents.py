"""The documents that are served: the vendor's, as published, with our overlay applied to it.

A folder `specs/<provider>` holds either `openapi.yaml`, or `upstream.yaml` and `overlay.yaml`, and beside them
`workflow.yaml` for neighbouring operations, written by us and served in the same document. Overlays follow the
OpenAPI Overlay Specification 1.0.0: each action's target is a JSONPath (RFC 9535); `remove` takes the matched nodes
away, `update` merges into them: objects key by key, arrays by appending.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from jsonpath_rfc9535 import JSONPathError, find

from mockserver.core.errors import ConfigurationError
from mockserver.server import resources, yamlfile

METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")


def load_document(provider_name: str, specs: Path | None = None) -> dict[str, Any]:
    """The served document of one provider. Raises ConfigurationError."""
    folder = (specs or resources.folder("specs")) / provider_name
    own, overlay = folder / "openapi.yaml", folder / "overlay.yaml"
    source = own if own.is_file() else folder / "upstream.yaml"
    document = _load_object(source)
    if source != own and overlay.is_file():
        document = apply_overlay(document, _load_object(overlay), overlay)
    workflow = folder / "workflow.yaml"
    if workflow.is_file():
        document = _beside(document, _load_object(workflow), workflow)
    if not isinstance(document.get("paths"), dict):
        raise ConfigurationError(f"{source}: paths must be an object")
    _hold_references(document, document, source)
    return document


def apply_overlay(document: dict[str, Any], overlay: dict[str, Any], source: Path) -> dict[str, Any]:
    """A new document. Raises ConfigurationError for an action whose target is no path or matches nothing."""
    document = copy.deepcopy(document)
    actions = overlay.get("actions")
    if not isinstance(actions, list):
        raise ConfigurationError(f"{source}: actions must be a list")
    for number, action in enumerate(actions, start=1):
        where = f"{source}: action {number}"
        target = action.get("target") if isinstance(action, dict) else None
        try:
            nodes = list(find(target, document)) if isinstance(target, str) else []
        except JSONPathError as error:
            raise ConfigurationError(f"{where}: {target!r} is no JSONPath: {error}") from None
        if not nodes:
            raise ConfigurationError(f"{where}: target {target!r} matches nothing")
        for node in reversed(nodes):
            if action.get("remove") is True:
                if not node.location:
                    raise ConfigurationError(f"{where}: the whole document cannot be removed")
                parent = _at(document, node.location[:-1])
                del parent[node.location[-1]]
            if "update" in action:
                _update(document, node.location, action["update"])
    return document


def _beside(document: dict[str, Any], more: dict[str, Any], source: Path) -> dict[str, Any]:
    """Both documents' paths, components and tags. Raises ConfigurationError for what both of them declare."""
    together = copy.deepcopy(document)
    for section, content in (("paths", more.get("paths", {})), *more.get("components", {}).items()):
        into = together if section == "paths" else together.setdefault("components", {})
        for name in into.get(section, {}).keys() & content.keys():
            raise ConfigurationError(f"{source}: {section}: {name!r} is declared already")
        into.setdefault(section, {}).update(content)
    together.setdefault("tags", []).extend(more.get("tags", []))
    return together


def _hold_references(node: Any, document: dict[str, Any], source: Path) -> None:
    """Raises ConfigurationError for a `$ref` that leads nowhere in the document."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        _hold_references(child, document, source)
    reference = node.get("$ref") if isinstance(node, dict) else None
    if isinstance(reference, str):
        try:
            steps = reference.removeprefix("#/").split("/")
            _at(document, tuple(step.replace("~1", "/").replace("~0", "~") for step in steps))
        except (KeyError, TypeError):
            raise ConfigurationError(f"{source}: $ref {reference!r} leads nowhere") from None


def _load_object(path: Path) -> dict[str, Any]:
    loaded = _plain(yamlfile.load(path), path, ())
    if not isinstance(loaded, dict):
        raise ConfigurationError(f"{path}: is not an object")
    return loaded


def _plain(node: Any, path: Path, above: tuple[int, ...]) -> Any:
    """The same as JSON would hold it: YAML makes numbers of keys such as `200:`, and times of what looks like one."""
    if id(node) in above:
        raise ConfigurationError(f"{path}: holds itself, through an alias")
    if isinstance(node, dict):
        return {str(key): _plain(value, path, (*above, id(node))) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item, path, (*above, id(node))) for item in node]
    return node.isoformat() if isinstance(node, date) else node


def operations_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Path, method and content of every operation of a document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield path, method, item[method]


def _at(document: Any, location: tuple[int | str, ...]) -> Any:
    for step in location:
        document = document[step]
    return document


def _update(document: dict[str, Any], location: tuple[int | str, ...], update: Any) -> None:
    current = _at(document, location)
    if isinstance(current, dict) and isinstance(update, dict):
        _merge(current, update)
    elif isinstance(current, list):
        current.extend(copy.deepcopy(update) if isinstance(update, list) else [copy.deepcopy(update)])
    else:
        _at(document, location[:-1])[location[-1]] = copy.deepcopy(update)


def _merge(into: dict[str, Any], update: dict[str, Any]) -> None:
    for key, value in update.items():
        current = into.get(key)
        if isinstance(current, dict) and isinstance(value, dict):
            _merge(current, value)
        elif isinstance(current, list) and isinstance(value, list):
            current.extend(copy.deepcopy(value))
        else:
            into[key] = copy.deepcopy(value)
