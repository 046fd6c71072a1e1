"""Which operation of a document an exchange was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml

from contract_tests.exchange import Exchange
from contract_tests.rules import PROVIDERS, specs_folder
from contract_tests.verdicts.verdict import Operation

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_SANDBOX = re.compile(r"/_mock/sandboxes/[^/]+(?=/)")
_FILES = ("openapi.yaml", "upstream.yaml", "workflow.yaml")


class Operations:
    """Those of all documents, and which of them a request is for. `base` is the path of the target's address."""

    def __init__(self, operations: Iterable[Operation], base: str = "") -> None:
        self.all = tuple(operations)
        self._base = base.rstrip("/")
        self._by_path = {(it.method, _bare(it.path)): it for it in self.all if "{" not in it.path}
        self._templates = [(it, _pattern(it.path)) for it in self.all if "{" in it.path]

    def of(self, exchange: Exchange) -> Operation | None:
        """None if no document declares it. HEAD counts as the GET that it is."""
        method = "GET" if exchange.asked.method == "HEAD" else exchange.asked.method
        path = self._path(exchange)
        found = self._by_path.get((method, path))
        if found is not None:
            return found
        return next(
            (it for it, fits in self._templates if it.method == method and fits.fullmatch(path)), None
        )

    def provider(self, exchange: Exchange) -> str:
        """Whose the path looks like, also where no document declares it; "" if nobody's."""
        path = self._path(exchange)
        first = _first(path)
        return next((it.provider for it in self.all if _first(it.path) == first), "")

    def _path(self, exchange: Exchange) -> str:
        path = exchange.asked.target.partition("?")[0].partition("#")[0]
        if self._base and path.startswith(f"{self._base}/"):
            path = path[len(self._base) :]
        return _bare(_SANDBOX.sub("", path, count=1))


def from_documents(documents: Mapping[str, Mapping[str, Any]], base: str = "") -> Operations:
    """Of documents by their provider."""
    return Operations(
        (
            Operation(provider, method.upper(), path, str(operation.get("operationId", "")))
            for provider, document in documents.items()
            for path, item in document.get("paths", {}).items()
            for method, operation in item.items()
            if method in _METHODS
        ),
        base,
    )


def from_specs(base: str = "", folder: Path | None = None) -> Operations:
    """Of the documents that the suite was written for. (What an overlay adds to one is no operation.)"""
    root = folder or specs_folder()
    paths = {
        provider: {"paths": _merged(root / provider / name for name in _FILES)} for provider in PROVIDERS
    }
    return from_documents(paths, base)


def served_by(mock: str, base: str = "") -> Operations:
    """Of the documents that a mock serves. Raises httpx.HTTPError, and ValueError if these are no documents."""
    documents = {}
    for provider in PROVIDERS:
        answer = httpx.get(f"{mock}/_mock/openapi/{provider}", timeout=30)
        answer.raise_for_status()
        documents[provider] = answer.json()
    return from_documents(documents, base)


def _merged(files: Iterable[Path]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for file in files:
        if file.is_file():
            content = yaml.load(file.read_text("utf-8"), Loader=_LOADER)
            merged |= content.get("paths") or {}
    return merged


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _bare(path: str) -> str:
    """Both vendors serve a path with and without its last slash, or refuse one of them: the operation is the same."""
    return path.rstrip("/") or "/"


def _first(path: str) -> list[str]:
    """The first step of a path; none of what is no path, such as `*`."""
    return path.split("/", 2)[1:2]


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", _bare(path))
    return re.compile("[^/]+".join(re.escape(part) for part in parts))
