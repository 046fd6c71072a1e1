"""Everything that can be asked of a journal. What depends on the documents alone is worked out at the first look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from mockserver.core.errors import ConfigurationError
from mockserver.core.provider import Provider
from mockserver.providers import REGISTRY
from mockserver.server.documents import load_document
from mockserver.server.engine import Engine
from mockserver.server.journal.breaches import Breach, Breaches, By
from mockserver.server.journal.contract import Contracts, Document
from mockserver.server.journal.coverage import coverage
from mockserver.server.journal.entries import Entry
from mockserver.server.journal.filters import Filter
from mockserver.server.journal.har import archive
from mockserver.server.journal.nearmisses import NearMiss, Route, near_misses, routes_elsewhere, routes_of
from mockserver.server.journal.showing import Showing, Shown
from mockserver.server.sandboxes import ServedSandbox
from mockserver.server.settings import Settings


class Reading:
    """Of the journals of one server; each method is handed the sandbox whose journal it is about."""

    def __init__(self, settings: Settings, documents: Mapping[str, Document], engine: Engine) -> None:
        self._settings = settings
        self._documents = documents
        self._engine = engine
        self._providers = [REGISTRY[name] for name in documents]

    def showing(self, sandbox: ServedSandbox) -> Showing:
        """For one look at a sandbox."""
        token = self._settings.control_token
        return Showing(self._providers, sandbox, () if token is None else (token,))

    def find(self, sandbox: ServedSandbox, wanted: Filter) -> list[Shown]:
        return wanted.last(reversed(sandbox.journal), self.showing(sandbox).shown)

    def count(self, sandbox: ServedSandbox, wanted: Filter) -> int:
        return wanted.count(sandbox.journal, self.showing(sandbox).shown)

    def near_misses(self, entry: Entry) -> list[NearMiss]:
        """Of a request that nothing owns; reasons are not redacted yet."""
        return near_misses(entry, self._all_routes)

    def unmatched(self, sandbox: ServedSandbox, wanted: Filter) -> list[dict[str, Any]]:
        """The unmatched ones of those that are wanted, with what each was probably meant to be."""
        entries = (entry for entry in reversed(sandbox.journal) if entry.unmatched)
        found = wanted.last(entries, self.showing(sandbox).shown)
        return [{**shown.as_json(), "near_misses": self.near_misses_shown(shown)} for shown in found]

    def near_misses_shown(self, shown: Shown) -> list[dict[str, str]]:
        return [
            {
                "provider": miss.provider,
                "operation": miss.operation,
                "method": miss.method,
                "path": miss.path,
                "reason": shown.sentence(miss.reason),
            }
            for miss in self.near_misses(shown.entry)
        ]

    def breaches_of(self, shown: Shown, by: By | None = None) -> list[Breach]:
        return self._breaches.of(shown, by)

    def breaches(self, sandbox: ServedSandbox, wanted: Filter, by: By | None = None) -> list[Breach]:
        """Of the last entries that are wanted."""
        return [breach for shown in self.find(sandbox, wanted) for breach in self.breaches_of(shown, by)]

    def har(self, sandbox: ServedSandbox, wanted: Filter) -> dict[str, Any]:
        found = self.find(sandbox, wanted)
        return archive(found, self._settings, dropped=sandbox.journal.dropped)

    def coverage(self, sandbox: ServedSandbox) -> dict[str, Any]:
        return coverage(sandbox.journal, self._routes)

    @cached_property
    def _routes(self) -> list[Route]:
        return routes_of(self._engine.router)

    @cached_property
    def _all_routes(self) -> Sequence[Route]:
        return [*self._routes, *_elsewhere(self._documents, self._settings.specs)]

    @cached_property
    def _breaches(self) -> Breaches:
        return Breaches(Contracts(self._documents), self._all_routes)


def _elsewhere(served: Iterable[str], specs: Path | None) -> list[Route]:
    """The paths of vendors that are not served, where their documents are at hand."""
    found: list[Route] = []
    others: list[Provider] = [provider for name, provider in REGISTRY.items() if name not in served]
    for provider in others:
        try:
            found += routes_elsewhere(provider, load_document(provider.name, specs))
        except ConfigurationError:
            continue
    return found
