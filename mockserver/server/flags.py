"""From the flags of `mockserver serve`, wherever they were given, to settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from mockserver.core.webhook import DEFAULT_SECRET, WebhookTarget
from mockserver.server.journal.journal import JournalBounds
from mockserver.server.settings import Settings
from mockserver.server.webhooks import WebhookPolicy


def settings_of(flags: Mapping[str, Any], address: str, providers: Sequence[str]) -> Settings:
    """`flags` by the names of their parameters; those that bear the name of a setting are one. `address` is where the
    server listens, `providers` are those that are served where no flag says which. Raises ConfigurationError."""
    same = {field.name: flags[field.name] for field in fields(Settings) if field.name in flags}
    targets = (
        WebhookTarget(f"flag-{number}", url, flags["webhook_secret"] or DEFAULT_SECRET)
        for number, url in enumerate(flags["webhooks"], start=1)
    )
    made = {
        "providers": flags["providers"] or tuple(providers),
        "base_url": (flags["base_url"] or address).rstrip("/"),
        "webhooks": WebhookPolicy(
            targets=tuple(targets),
            allowed_hosts=frozenset(flags["webhook_allow"]),
            retry_scale=flags["webhook_retry_scale"],
        ),
        "journal": JournalBounds(flags["journal_entries"], flags["journal_bytes"]),
    }
    return Settings(**{**same, **made})
