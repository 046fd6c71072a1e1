"""How much a key may ask: of everything, and of the operations that have an allowance of their own."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.core.rate import Allowance, TokenBucket

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

    def spend(self, key_id: str, operation_id: str, own_limit: int | None, now: float) -> Spent:
        """One request; what an operation's own allowance refuses counts against the key all the same."""
        whole = self._whole.take(key_id, now)
        if own_limit is None:
            return Spent(whole, (whole.limit,))
        bucket = self._own.setdefault(operation_id, self._bucket(own_limit))
        limits = (whole.limit, bucket.capacity)
        if whole.wait > 0:
            return Spent(whole, limits)
        own = bucket.take(key_id, now)
        return Spent(min(own, whole, key=lambda allowance: allowance.remaining), limits)

    def _bucket(self, limit: int) -> TokenBucket:
        return TokenBucket(max(1, round(limit * self._factor)), WINDOW)
