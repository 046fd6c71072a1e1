"""How much a key may ask: of everything, and of the operations that have an allowance of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.core.rate import ALL, Allowance, Counted, TokenBucket

REQUESTS_PER_MINUTE = 1200
WINDOW = 60


@dataclass(frozen=True, slots=True)
class Spent:
    """`binding` is the allowance with least left; `limits` are all that the request counts against."""

    binding: Allowance
    limits: tuple[int, ...]


class Budgets:
    """`factor` multiplies every limit."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._whole = self._bucket(REQUESTS_PER_MINUTE)
        self._own: dict[str, TokenBucket] = {}
        self._restored: Mapping[str, Counted] = {}

    def spend(self, key_id: str, operation_id: str, own_limit: int | None, now: float) -> Spent:
        """One request; what an operation's own allowance refuses counts against the key all the same."""
        whole = self._whole.take(key_id, now)
        if own_limit is None:
            return Spent(whole, (whole.limit,))
        bucket = self._own.get(operation_id)
        if bucket is None:
            bucket = self._own[operation_id] = self._bucket(own_limit)
            bucket.restore(self._restored.get(operation_id, {}))
        limits = (whole.limit, bucket.capacity)
        if whole.wait > 0:
            return Spent(whole, limits)
        own = bucket.take(key_id, now)
        return Spent(min(own, whole, key=lambda allowance: allowance.remaining), limits)

    def snapshot(self) -> Mapping[str, Counted]:
        """What counts against a key under ALL, against an operation under its id."""
        own = {operation_id: bucket.snapshot() for operation_id, bucket in self._own.items()}
        return {ALL: self._whole.snapshot(), **self._restored, **own}

    def restore(self, state: Mapping[str, Counted]) -> None:
        """An operation's limit is not known before it is asked for again. Raises ValueError for what was not counted
        by a bucket."""
        for counted in state.values():
            TokenBucket(1, WINDOW).restore(counted)
        self._whole.restore(state.get(ALL, {}))
        self._own = {}
        self._restored = {name: counted for name, counted in state.items() if name != ALL}

    def _bucket(self, limit: int) -> TokenBucket:
        return TokenBucket(max(1, round(limit * self._factor)), WINDOW)
