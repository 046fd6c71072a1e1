"""What Connexion is given of a document: operations, their parameters and who may call them.

It copies and resolves all that it is given. The schemas of bodies, which are nearly all of a document, it would do that
to for nothing: they are compiled from the document itself (`schemas`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.server.documents import METHODS
from mockserver.server.schemas import needed


def outline(document: Mapping[str, Any]) -> dict[str, Any]:
    paths = {path: _item(item) for path, item in document["paths"].items()}
    components = document.get("components", {})
    schemes = {"securitySchemes": components.get("securitySchemes", {})}
    kept = {key: document[key] for key in ("openapi", "info", "security") if key in document}
    return {**kept, "paths": paths, "components": {**needed(paths, components), **schemes}}


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _operation(value) if key in METHODS else value for key, value in item.items()}


def _operation(operation: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in operation.items() if key != "requestBody"}
    return {**kept, "responses": {}}
