"""What rules may name: the operations that are served, and whose webhooks there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.core.provider import Provider, no_messages
from mockserver.server.documents import operations_of


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`operations` are the operationIds of each vendor that is served; `telling` the vendors that send webhooks."""

    operations: Mapping[str, Sequence[str]]
    telling: frozenset[str]


def catalogue_of(providers: Sequence[Provider], documents: Mapping[str, Mapping[str, Any]]) -> Catalogue:
    return Catalogue(
        {
            provider.name: [
                operation.get("operationId", "")
                for _, _, operation in operations_of(documents[provider.name])
            ]
            for provider in providers
        },
        frozenset(provider.name for provider in providers if provider.webhook is not no_messages),
    )
