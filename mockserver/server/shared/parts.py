"""What of a sandbox is no record, in small values that are told whole: the last one told is the one that holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

import msgspec

from mockserver.core.clock import ClockState, SandboxClock
from mockserver.core.ids import IdSource, IdState
from mockserver.core.rate import Counted
from mockserver.core.sandbox import RateBudgets
from mockserver.core.webhook import WebhookTarget
from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.faults.deciding import Faults
from mockserver.server.faults.reading import read_rule
from mockserver.server.faults.rules import Rule, RuleState
from mockserver.server.shared.codec import ENCODER
from mockserver.server.shared.journal import SharedJournal
from mockserver.server.shared.outbox import SharedOutbox
from mockserver.server.state.section import VERSION, WORDS

ID = 16  # bytes
Draws = tuple[int, tuple[int, ...], float | None]


class Part(Protocol):
    """`hot` is whether a vendor's request may change it; what only the control API changes is not looked at then."""

    @property
    def hot(self) -> bool: ...

    def value(self) -> Any:
        """Other than before if the part is."""

    def told(self) -> bytes: ...

    def take(self, told: bytes) -> None: ...


class ClockPart:
    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._decode = msgspec.msgpack.Decoder(ClockState).decode

    @property
    def hot(self) -> bool:
        return bool(self._clock.step)

    def value(self) -> ClockState:
        return self._clock.snapshot()

    def told(self) -> bytes:
        return ENCODER.encode(self._clock.snapshot())

    def take(self, told: bytes) -> None:
        self._clock.restore(self._decode(told))


class IdsPart:
    """`hot` where ids repeat. Others only have to rise, and are told along with what they were drawn for."""

    def __init__(self, ids: IdSource, *, repeats: bool) -> None:
        self._ids = ids
        self.hot = repeats

    def value(self) -> IdState | None:
        return self._ids.snapshot() if self.hot else None

    def told(self) -> bytes:
        last = self._ids.last_ordered.to_bytes(ID, "big")
        if not self.hot:
            return last
        random = self._ids.snapshot().random
        return last if random is None else last + WORDS.pack(*random[1])

    def take(self, told: bytes) -> None:
        last = int.from_bytes(told[:ID], "big")
        if not self.hot:
            self._ids.last_ordered = max(last, self._ids.last_ordered)
        else:
            self._ids.restore(IdState(last, (VERSION, WORDS.unpack(told[ID:]), None)))


class BudgetsPart:
    hot = True

    def __init__(self, budgets: RateBudgets) -> None:
        self._budgets = budgets
        self._decode = msgspec.msgpack.Decoder(dict[str, dict[str, tuple[float, ...]]]).decode

    def value(self) -> Mapping[str, Counted]:
        return self._budgets.snapshot()

    def told(self) -> bytes:
        return ENCODER.encode(self._budgets.snapshot())

    def take(self, told: bytes) -> None:
        self._budgets.restore(self._decode(told))


class RulesPart:
    """Which fault rules there are; what they have counted is CountsPart's, and is told after this."""

    hot = False

    def __init__(self, faults: Faults, catalogue: Catalogue) -> None:
        self._faults = faults
        self._catalogue = catalogue

    def value(self) -> Any:
        return [(rule.id, rule.spec) for rule in self._faults]

    def told(self) -> bytes:
        return ENCODER.encode([(rule.id, rule.spec.written) for rule in self._faults])

    def take(self, told: bytes) -> None:
        kept = []
        for id_, written in msgspec.msgpack.decode(told):
            there = self._faults.get(id_)
            if there is not None and there.spec.written == written:
                kept.append(there.snapshot())
            else:
                kept.append(Rule(read_rule(written, self._catalogue), id_, self._faults.seed).snapshot())
        self._faults.restore(kept)


class CountsPart:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        kind = dict[str, tuple[bool, int, int, tuple[Draws, Draws] | None]]
        self._decode = msgspec.msgpack.Decoder(kind).decode

    @property
    def hot(self) -> bool:
        return len(self._faults) > 0

    def value(self) -> Any:
        return [(rule.id, rule.enabled, rule.seen, rule.hit) for rule in self._faults]

    def told(self) -> bytes:
        return ENCODER.encode(
            {rule.id: (rule.enabled, rule.seen, rule.hit, self._draws(rule)) for rule in self._faults}
        )

    def take(self, told: bytes) -> None:
        counts = self._decode(told)
        self._faults.restore([_counted(state, counts.get(state.id)) for state in self._faults.snapshot()])

    def _draws(self, rule: Rule) -> Any:
        """Where nobody can foresee a draw, it makes no difference who draws."""
        seeded = self._faults.seed is not None or rule.spec.match.seed is not None
        draws = rule.spec.match.probability is not None or rule.spec.act.delay is not None
        return rule.snapshot().draws if seeded and draws else None


def _counted(state: RuleState, counts: Any) -> RuleState:
    if counts is None:
        return state
    enabled, seen, hit, draws = counts
    return replace(state, enabled=enabled, seen=seen, hit=hit, draws=draws or state.draws)


class TargetsPart:
    hot = False

    def __init__(self, outbox: SharedOutbox) -> None:
        self._outbox = outbox
        self._decode = msgspec.msgpack.Decoder(tuple[WebhookTarget, ...]).decode

    def value(self) -> tuple[WebhookTarget, ...]:
        return tuple(self._outbox.targets.values())

    def told(self) -> bytes:
        return ENCODER.encode(self.value())

    def take(self, told: bytes) -> None:
        self._outbox.retarget(self._decode(told))


class ClearedPart:
    """How often journal and inbox have been emptied."""

    hot = False

    def __init__(self, journal: SharedJournal, outbox: SharedOutbox) -> None:
        self._journal = journal
        self._inbox = outbox.shared_inbox

    def value(self) -> tuple[int, int]:
        return self._journal.times_cleared, self._inbox.times_cleared

    def told(self) -> bytes:
        return ENCODER.encode(self.value())

    def take(self, told: bytes) -> None:
        journal, inbox = msgspec.msgpack.decode(told)
        self._journal.cleared(journal)
        self._inbox.cleared(inbox)
