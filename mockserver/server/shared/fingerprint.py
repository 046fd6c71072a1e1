"""By what processes know that they may share: the same program and documents, and flags and files that make the same
fresh sandbox."""

from __future__ import annotations

from hashlib import blake2b

import orjson

from mockserver import __version__
from mockserver.server.app import MockServer
from mockserver.server.shared.sandboxes import SharedSandboxes


def fingerprint(mock: MockServer, sandboxes: SharedSandboxes) -> str:
    parts = blake2b(digest_size=16)
    settings = mock.settings
    told = (__version__, settings.providers, settings.seed, settings.rate_factor, settings.quirks)
    begun_with = (settings.clock, settings.profiles, settings.webhooks.targets)
    parts.update(repr((told, begun_with, [file.read_bytes() for file in settings.faults])).encode())
    for name, document in mock.documents.items():
        parts.update(name.encode())
        parts.update(orjson.dumps(document, default=str, option=orjson.OPT_NON_STR_KEYS))
    for told_record in sandboxes.fresh_records():
        parts.update(told_record)
    return parts.hexdigest()
