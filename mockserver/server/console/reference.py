"""The pages that hold the mock against its documents: the rules that it keeps, and the operations that were used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from mockserver.server.console.console import Console
from mockserver.server.console.operations import covered
from mockserver.server.rules import Rule, load_rules


def reference_routes(console: Console) -> list[BaseRoute]:
    loaded: list[Rule] = []

    def kept() -> Sequence[Rule]:
        """Read when first looked at: a server that nobody looks at starts without them."""
        if not loaded:
            for provider in console.providers:
                loaded.extend(load_rules(provider.name, console.settings.specs))
        return loaded

    async def rules(request: Request) -> Response:
        query = request.query_params
        text = query.get("text", "").strip()[:200]
        grade, vendor = query.get("grade", ""), query.get("vendor", "")
        found = [
            rule
            for rule in kept()
            if grade in ("", rule.grade)
            and vendor in ("", rule.provider)
            and text.casefold() in f"{rule.id} {rule.rule} {rule.source}".casefold()
        ]
        return console.page(
            "rules.html",
            request,
            here="rules",
            rules=found,
            grades=Counter(rule.grade for rule in kept()),
            total=len(kept()),
            text=text,
            grade=grade,
            vendor=vendor,
        )

    async def coverage(request: Request) -> Response:
        sandbox = console.sandbox(request)
        counted = console.reading.coverage(sandbox)
        rows = covered(console.operations, counted)
        return console.page(
            "coverage.html",
            request,
            here="coverage",
            rows=rows,
            used=sum(row.calls > 0 for row in rows),
            unmatched=counted["unmatched"],
            total=len(sandbox.journal),
        )

    return [console.route("rules", rules), console.route("coverage", coverage)]
