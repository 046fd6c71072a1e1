"""The documents that are served: the vendor's, as published, with our overlay applied to it.

A folder `specs/<provider>` holds either `openapi.yaml` (or `openapi.json`), or `upstream.yaml` and `overlay.yaml`, and
beside them `workflow.yaml` for neighbouring operations, written by us and served in the same document. Overlays follow
the OpenAPI Overlay Specification 1.0.0: each action's target is a JSONPath (RFC 9535); `remove` takes the matched nodes
away, `update` merges into them: objects key by key, arrays by appending.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from mockserver.core.errors import ConfigurationError
from mockserver.server import plainyaml, resources, yamlfile
from mockserver.server.jsonpath import Location, NoPath, locations
from mockserver.server.schemas import COMPONENTS, is_pattern, unescaped

OWN = ("openapi.yaml", "openapi.yml", "openapi.json")
UPSTREAM = "upstream"
METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")


def load_document(provider_name: str, specs: Path | None = None) -> dict[str, Any]:
    """The served document of one provider. Raises ConfigurationError."""
    folder = folder_of(provider_name, specs)
    source = source_of(folder)
    document = _load_object(source)
    overlay = folder / "overlay.yaml"
    if source.stem == UPSTREAM and overlay.is_file():
        document = apply_overlay(document, _load_object(overlay), overlay)
    workflow = folder / "workflow.yaml"
    if workflow.is_file():
        _add(_load_object(workflow), document, workflow)
    if not isinstance(document.get("paths"), dict):
        raise ConfigurationError(f"{source}: paths must be an object")
    _name_operations(document)
    _hold_parts(document, document, source)
    return document


def folder_of(provider_name: str, specs: Path | None = None) -> Path:
    """What is shipped for a vendor whose folder is not in `specs`. Raises ConfigurationError where that has no folder
    of any vendor."""
    shipped = resources.folder("specs")
    if specs is None or (specs / provider_name).is_dir():
        return (specs or shipped) / provider_name
    known = sorted(folder.name for folder in shipped.iterdir())
    if not any((specs / name).is_dir() for name in known):
        raise ConfigurationError(f"{specs}: has no folder of a vendor; known are {', '.join(known)}")
    return shipped / provider_name


def source_of(folder: Path) -> Path:
    """The file that the document begins with. Raises ConfigurationError where two may be meant."""
    found = [file for name in OWN if (file := folder / name).is_file()]
    if len(found) > 1:
        names = " and ".join(file.name for file in found)
        raise ConfigurationError(f"{folder}: has {names}; which of them is the document?")
    return found[0] if found else folder / f"{UPSTREAM}.yaml"


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
            found = locations(target, document) if isinstance(target, str) else ()
        except NoPath as error:
            raise ConfigurationError(f"{where}: {target!r} is no JSONPath: {error}") from None
        if not found:
            raise ConfigurationError(f"{where}: target {target!r} matches nothing")
        for location in reversed(found):
            if action.get("remove") is True:
                if not location:
                    raise ConfigurationError(f"{where}: the whole document cannot be removed")
                del _at(document, location[:-1])[location[-1]]
            if "update" in action:
                _update(document, location, action["update"])
    return document


def _add(more: dict[str, Any], document: dict[str, Any], source: Path) -> None:
    """Paths, components and tags of another document. Raises ConfigurationError for what both of them declare."""
    for section, content in (("paths", more.get("paths", {})), *more.get("components", {}).items()):
        into = document if section == "paths" else document.setdefault("components", {})
        for name in into.get(section, {}).keys() & content.keys():
            raise ConfigurationError(f"{source}: {section}: {name!r} is declared already")
        into.setdefault(section, {}).update(content)
    document.setdefault("tags", []).extend(more.get("tags", []))


def hold_version(document: Mapping[str, Any]) -> None:
    """Raises ConfigurationError for any OpenAPI but 3.0: its schemas are read by other rules."""
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.0."):
        named = f"openapi: {version}" if version is not None else "no `openapi` version"
        raise ConfigurationError(f"has {named}; documents of OpenAPI 3.0 are served")


def _name_operations(document: dict[str, Any]) -> None:
    """One id for each. incident.io writes `Incidents V2_List` on its pages and `Incidents V2#List` in the document that
    its SDK is made from."""
    for path, method, operation in operations_of(document):
        operation["operationId"] = operation.get("operationId", f"{method} {path}").replace("#", "_")


def _hold_parts(node: Any, document: dict[str, Any], source: Path) -> None:
    """Raises ConfigurationError for what would be noticed when a schema is compiled, which is at its first use."""
    if isinstance(node, list):
        for item in node:
            _hold_parts(item, document, source)
    if not isinstance(node, dict):
        return
    for key, child in node.items():
        if isinstance(child, dict | list):
            if key not in ("example", "examples") and not key.startswith("x-"):
                _hold_parts(child, document, source)
        elif key == "$ref" and isinstance(child, str):
            _hold_reference(child, document, source)
        elif key == "pattern" and isinstance(child, str) and not is_pattern(child):
            raise ConfigurationError(f"{source}: pattern {child!r} is no regular expression")


def _hold_reference(reference: str, document: dict[str, Any], source: Path) -> None:
    """Raises ConfigurationError for what leads nowhere in the document's components."""
    try:
        _at(document, tuple(map(unescaped, reference.removeprefix("#/").split("/"))))
    except (KeyError, TypeError):
        raise ConfigurationError(f"{source}: $ref {reference!r} leads nowhere") from None
    if not reference.startswith(COMPONENTS):
        raise ConfigurationError(f"{source}: $ref {reference!r} leads outside of components")


def _load_object(path: Path) -> dict[str, Any]:
    loaded = _load_json(path) if path.suffix == ".json" else plainyaml.load(path)
    if not isinstance(loaded, dict):
        raise ConfigurationError(f"{path}: is not an object")
    return loaded


def _load_json(path: Path) -> Any:
    try:
        return orjson.loads(yamlfile.read_text(path))
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"{path}:{error.lineno}: {error.msg}") from None


def operations_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and content of every operation of a document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield path, method, item[method]


def _at(document: Any, location: Location) -> Any:
    for step in location:
        document = document[step]
    return document


def _update(document: dict[str, Any], location: Location, update: Any) -> None:
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
