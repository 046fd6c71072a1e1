"""What `serve` does with `--workers` and `--store`: nothing is imported for them unless they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.errors import ConfigurationError

if TYPE_CHECKING:
    from mockserver.server.shared.workers import Sharing


def sharing_of(workers: int, store: str | None) -> Sharing | None:
    """None for one process that keeps its state in memory. Raises ConfigurationError."""
    if workers == 1 and store is None:
        return None
    try:
        from mockserver.server.shared.workers import sharing
    except ModuleNotFoundError as missing:
        raise ConfigurationError(
            f"--workers and --store want {missing.name}: install postmortem-mockserver[workers]"
        ) from None
    return sharing(store, workers)
