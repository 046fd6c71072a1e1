"""A sandbox that several processes answer for, as one of them holds it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence

from mockserver.core.sandbox import WorldState, put_back
from mockserver.core.store import MOST_CHANGES, Change
from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.sandboxes import ServedSandbox
from mockserver.server.shared.bases import Bases
from mockserver.server.shared.codec import Codec
from mockserver.server.shared.journal import SharedJournal
from mockserver.server.shared.log import FORGOTTEN, Base, Head, Step, Write
from mockserver.server.shared.outbox import SharedOutbox
from mockserver.server.shared.parts import (
    ID,
    BudgetsPart,
    ClearedPart,
    ClockPart,
    CountsPart,
    IdsPart,
    Part,
    RulesPart,
    TargetsPart,
)

Changes = Sequence[tuple[str, Sequence[Change]]]
IDS = "ids"
CLEARED = "cleared"


class TooMuch(Exception):
    """One request has written more than a store keeps count of: nobody can be told of it. None of the mock's does."""


class SharedSandbox(ServedSandbox):
    """Where it is in the log (`head`), and how to get from what it was there to what it is."""

    journal: SharedJournal
    outbox: SharedOutbox
    head: Head
    touched: float
    # Whether it was as the log has it when that was looked at last, and whether a request counts on that.
    was_current: bool
    presumed: bool
    # What a request of a vendor's may change beside records.
    hot: dict[str, Part]

    def join(self, codec: Codec, bases: Bases, catalogue: Catalogue, *, repeats: bool) -> None:
        """Once, before anything else."""
        self._codec = codec
        self._tables = {name: world.store.tables for name, world in self.worlds.items()}
        self._repeats = repeats
        self._bases = bases
        self._parts: dict[str, Part] = {
            "clock": ClockPart(self.services.clock),
            IDS: IdsPart(self.services.ids, repeats=repeats),
            "rules": RulesPart(self.faults, catalogue),
            "counts": CountsPart(self.faults),
            "targets": TargetsPart(self.outbox),
            CLEARED: ClearedPart(self.journal, self.outbox),
        }
        for name, world in self.worlds.items():
            if world.budgets is not None:
                self._parts[f"budgets/{name}"] = BudgetsPart(world.budgets)
        self.touched = time.monotonic()
        self.was_current = self.presumed = False
        self.told_size = self._settled_size = self.size
        self.mark()
        # Who has emptied what is told from then on; a fresh world knows nothing of it.
        self._fresh = {name: told for name, told in self._told.items() if name != CLEARED}

    def mark(self) -> None:
        """As it is now, so the log has it."""
        for world in self.worlds.values():
            world.store.take_changes()
        self._values = {name: part.value() for name, part in self._parts.items()}
        self._told = {name: part.told() for name, part in self._parts.items()}
        self._warm()
        self._last_write = dict(self.faults.last_write)
        self.settle()

    def settle(self) -> None:
        """Nothing of what was done is taken back any more; what was held goes out."""
        self._settled_size = self.size
        if self.journal.held is not None:
            self.journal.release()
        if self.outbox.held:
            self.outbox.release()

    def step(self, changes: Changes) -> Step | None:
        """What a request of a vendor's has done; None if nothing that others have to know."""
        parts = {}
        if self.hot:
            for name, part in self.hot.items():
                if part.value() != self._values[name]:
                    parts[name] = part.told()
        if not (changes or parts):
            return None
        if changes and not self._repeats:
            # As IdsPart tells them, without a detour.
            parts[IDS] = self.services.ids.last_ordered.to_bytes(ID, "big")
        return Step(self._writes(changes), parts, self.size - self.told_size)

    def stepped(self, head: Head, step: Step) -> None:
        """The log has taken the step."""
        self.head = head
        self.told_size = self.size
        if step.writes:
            self._last_write = self.faults.last_write.copy()
        if self.hot:
            for name in self.hot.keys() & step.parts.keys():
                self._values[name] = self._parts[name].value()
                self._told[name] = step.parts[name]

    def published(self, head: Head, step: Step) -> None:
        """The same for what the control API has changed."""
        self.stepped(head, step)
        for name in step.parts:
            self._values[name] = self._parts[name].value()
        self._told |= step.parts
        self._warm()

    def put_back(self) -> None:
        """Every part is as it was told last."""
        for name, part in self._parts.items():
            if part.value() != self._values[name]:
                part.take(self._told[name])
                self._values[name] = part.value()
        self._warm()

    def doubt(self) -> int:
        """What of it is in the log is not known: everything is read anew, and what was held never happened. How many
        bytes less it was sent."""
        self.put_back()
        self._unknow()
        self.journal.held = None
        self.outbox.take_back()
        less, self.size = self.size - self.told_size, self.told_size
        return less

    def _unknow(self) -> None:
        self.head = Head(self.head.life, self.head.generation, -1)

    def take_back(self, changes: Changes) -> int:
        """As if there had been no request; how many bytes less it was sent. Where that cannot be, the head is one that
        no log knows, so that everything is read anew."""
        if self._past_undoing(changes):
            self._unknow()
        else:
            for vendor, some in reversed(changes):
                self._undo(vendor, some)
        for name, part in self.hot.items():
            if part.value() != self._values[name]:
                part.take(self._told[name])
        self.faults.last_write.clear()
        self.faults.last_write.update(self._last_write)
        self.journal.held = None
        self.outbox.take_back()
        less, self.size = self.size - self._settled_size, self._settled_size
        return less

    def changes(self) -> Changes:
        """What nobody has recorded yet, after a failure."""
        return [(name, world.store.take_changes()) for name, world in self.worlds.items()]

    def changed_parts(self) -> dict[str, bytes]:
        """All that are other than the log has them."""
        return {name: part.told() for name, part in self._parts.items() if part.value() != self._values[name]}

    def all_parts(self, *, lives_on: bool) -> dict[str, bytes]:
        """What has been emptied is told to those only who have known it full."""
        return {name: part.told() for name, part in self._parts.items() if lives_on or name != CLEARED}

    def take_base(self, worlds: Mapping[str, WorldState], base: Base) -> None:
        """All of it, in the place of what there was."""
        for name, world in self.worlds.items():
            put_back(world, worlds[name])
        self.faults.last_write.clear()
        self.take_parts(self._fresh | base.parts)
        self.mark()

    def apply(self, step: Step, mine: Collection[str] = ()) -> None:
        """What somebody else has done, but for parts that are `mine` to tell."""
        gone = []
        for write in step.writes:
            if write.record is None:
                gone.append(write)
            else:
                record = self._codec.decode(write.vendor, write.collection, write.record)
                self.worlds[write.vendor].store.tables[write.collection].put(record, write.sequence)
        for write in gone:
            table = self.worlds[write.vendor].store.tables[write.collection]
            if write.key in table:
                table.delete(write.key)
        for name, world in self.worlds.items():
            changes = world.store.take_changes()
            if changes:
                self.faults.last_write[name] = changes
        if step.writes:
            self._last_write = dict(self.faults.last_write)
        self.take_parts({name: told for name, told in step.parts.items() if name not in mine})

    def take_parts(self, parts: Mapping[str, bytes]) -> None:
        for name in self._parts:
            if name in parts:
                self._parts[name].take(parts[name])
                self._values[name] = self._parts[name].value()
                self._told[name] = parts[name]
        if parts:
            self._warm()

    def _warm(self) -> None:
        """What a request may change, and what it goes back to."""
        self.hot = {name: part for name, part in self._parts.items() if part.hot}
        self._told |= {name: part.told() for name, part in self.hot.items()}

    def _writes(self, changes: Changes) -> tuple[Write, ...]:
        """The last that became of each record: first those that are there, then those that are gone."""
        there, gone = [], []
        encoders = self._codec.encoders
        for vendor, some in changes:
            if len(some) >= MOST_CHANGES:
                raise TooMuch
            tables = self._tables[vendor]
            for change in some if len(some) == 1 else _last(some):
                collection, key, record = change.collection, change.key, change.after
                if record is None:
                    sequence = 0 if self._bases.is_fresh(vendor, collection, key) else FORGOTTEN
                    gone.append(Write(vendor, collection, key, sequence, None))
                else:
                    told = encoders[vendor, collection](record)
                    there.append(Write(vendor, collection, key, tables[collection].sequence_of(key), told))
        return (*there, *gone)

    def _past_undoing(self, changes: Changes) -> bool:
        """What is put back in after it was gone comes last; and what was too much to be told is not known."""
        return any(
            len(some) >= MOST_CHANGES or any(change.after is None for change in some) for _, some in changes
        )

    def _undo(self, vendor: str, changes: Sequence[Change]) -> None:
        store = self.worlds[vendor].store
        store.undo(changes)
        store.take_changes()
        inserted: dict[str, int] = {}
        for change in changes:
            if change.before is None:
                inserted[change.collection] = inserted.get(change.collection, 0) + 1
        for collection, number in inserted.items():
            store.tables[collection].forget_inserts(number)


def _last(changes: Sequence[Change]) -> Iterable[Change]:
    return {(change.collection, change.key): change for change in changes}.values()
