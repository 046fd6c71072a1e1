"""What processes must have in common to share a store."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from mockserver.core.webhook import WebhookTarget
from mockserver.server.inbox import INBOX
from mockserver.server.settings import Settings
from mockserver.server.shared.fingerprint import fingerprint
from mockserver.server.shared.joining import create_member
from mockserver.server.shared.memory import MemoryLog
from mockserver.server.shared.sandboxes import SharedSandboxes
from mockserver.server.webhooks import WebhookPolicy


def told(**settings: Any) -> str:
    member = create_member(Settings(providers=("grafana-oncall",), **settings))
    member.join(MemoryLog(), 0)
    return fingerprint(member.mock, cast(SharedSandboxes, member.mock.sandboxes))


def test_whatever_makes_another_fresh_sandbox_makes_another_fingerprint(tmp_path: Path) -> None:
    for name, status in (("one.yaml", 500), ("two.yaml", 503)):
        (tmp_path / name).write_text(
            f"rules: [{{id: broken, match: {{path: /api/*}}, act: {{status: {status}}}}}]"
        )
    settings: list[dict[str, Any]] = [
        {},
        {"seed": 1},
        {"clock": datetime(2030, 1, 1, tzinfo=UTC)},
        {"profiles": ("flaky",)},
        {"faults": (tmp_path / "one.yaml",)},
        {"faults": (tmp_path / "two.yaml",)},
        {"webhooks": WebhookPolicy((WebhookTarget("inbox", INBOX),))},
    ]
    fingerprints = [told(**some) for some in settings]
    assert len(set(fingerprints)) == len(settings)
    assert fingerprints == [told(**some) for some in settings]
