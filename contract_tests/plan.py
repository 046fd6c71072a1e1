"""What a run would do to a target: told by the same run on a mock of our own, under the same guard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from contract_tests.guard.meaning import VENDORS
from contract_tests.guard.recorder import Count

OPERATIONS = {operation.name: operation for vendor in VENDORS for operation in vendor.operations}
EFFECTS = ("read", "create", "change", "delete", "unknown")


def plan(counts: Mapping[Count, int]) -> Iterator[str]:
    """Line by line: requests by what they do, what would be created, and what the guard would keep back."""
    sent, kept_back, made = Counter[str](), Counter[str](), Counter[str]()
    for count, number in counts.items():
        if count.word:
            kept_back[count.word] += number
            continue
        sent[count.effect] += number
        if count.effect == "create" and 200 <= count.status < 300:
            made[count.operation] += number
    parts = [f"{sent[effect]:,} {effect}" for effect in EFFECTS if sent[effect]]
    yield f"{sum(sent.values()):,} requests would be sent: {', '.join(parts) or 'none'}"
    for operation, number in sorted(made.items()):
        lasting = OPERATIONS[operation].lasting if operation in OPERATIONS else True
        fate = "and stay: no API can remove them" if lasting else "and be deleted again"
        yield f"{number:,} would be created by {operation} {fate}"
    if not made:
        yield "nothing would be created"
    for word, number in sorted(kept_back.items()):
        yield f"{number:,} would be kept back ({word})"
