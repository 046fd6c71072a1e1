"""The sandboxes that several processes answer for. Each is looked up in the log before it is used."""

from __future__ import annotations

import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import cast

from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.sandboxes import DEFAULT, NoRoom, Sandboxes, ServedSandbox
from mockserver.server.shared.bases import Bases
from mockserver.server.shared.codec import Codec
from mockserver.server.shared.journal import SharedJournal
from mockserver.server.shared.log import Base, Head, Log, News, Step, Unavailable
from mockserver.server.shared.outbox import SharedOutbox
from mockserver.server.shared.sandbox import Changes, SharedSandbox
from mockserver.server.shared.shelf import SharedShelf
from mockserver.server.state.keeping import SandboxState, bring_back, keep
from mockserver.server.state.reading import Loaded
from mockserver.server.state.shelf import Shelf

# How often a sandbox that is only read is said to be in use, in seconds.
TOUCH = 60.0
MOST_TRIES = 1_000
# A part of a fork's base that says whose fork it is, of two who want one of the same name at once.
ORIGIN = "origin"

logger = logging.getLogger(__name__)

# The sandboxes that a request to the control API has looked at: they stand still until what it changed is told.
pinned: ContextVar[set[str] | None] = ContextVar("pinned", default=None)


class SharedSandboxes(Sandboxes):
    """Those that are held here are a part of all that there are. Nothing can be asked of it before it has joined."""

    sandbox_kind = SharedSandbox
    journal_kind = SharedJournal
    outbox_kind = SharedOutbox
    _by_name: OrderedDict[str, SharedSandbox]  # type: ignore[assignment]
    _log: Log

    def join(self, log: Log, catalogue: Catalogue) -> None:
        """Lets go of what was held under another log."""
        for name in list(self._by_name):
            self._forget(name)
        self._log = log
        # Whether a look at the log costs more than to answer a request in vain now and then.
        self.far = log.far
        self._catalogue = catalogue
        self.codec = Codec(self._providers)
        self._bases = Bases(self._providers, self._fresh_state.worlds, self.codec)
        self._unchecked = 0

    def start(self) -> None:
        """Has the default sandbox in the log: as it was kept, unless it is there already."""
        if self._kept is not None and self._log.head(DEFAULT) is None:
            self._log.open(DEFAULT, self._told(DEFAULT, self.loaded(DEFAULT, self._kept)))
        self.named(DEFAULT)

    def _begin(self, kept: Loaded | None) -> None:
        self._kept = kept

    def fresh_records(self) -> Iterator[bytes]:
        """Every record that a fresh sandbox has, as it is told."""
        for vendor, world in self._fresh_state.worlds.items():
            for collection, table in world.tables.items():
                for record in table.records.values():
                    yield self.codec.encode(vendor, collection, record)

    # What the engine asks.

    def presume(self, name: str) -> None:
        """What is held of it here is as the log has it, for all that is known, if a look would cost more than to answer
        a request in vain now and then. `settle` looks."""
        sandbox = self._by_name.get(name)
        if sandbox is not None and sandbox.was_current:
            sandbox.presumed = True

    def named(self, name: str) -> SharedSandbox:
        sandbox = self._by_name.get(name)
        if sandbox is not None and sandbox.presumed:
            self._touch(sandbox)
            self._by_name.move_to_end(name)
            return sandbox
        head = self._log.head(name)
        if sandbox is None or (head != sandbox.head and not self._stands_still(name)):
            sandbox = cast(SharedSandbox, self._caught_up(name, sandbox, make=True))
        elif time.monotonic() > sandbox.touched + TOUCH:
            self._touch(sandbox)
        if pinned.get() is not None:
            self._pin(name)
        self._by_name.move_to_end(name)
        sandbox.was_current = True
        return sandbox

    def _touch(self, sandbox: SharedSandbox) -> None:
        if time.monotonic() - sandbox.touched > TOUCH:
            self._log.touch(sandbox.name)
            sandbox.touched = time.monotonic()

    def look(self, name: str) -> ServedSandbox:
        found = self.get(name)
        if found is None:
            found = self._joined(name, self._fresh_state)
            found.take_parts(self._fresh_base(name).parts)
        return found

    def get(self, name: str) -> SharedSandbox | None:
        sandbox = self._by_name.get(name)
        if sandbox is None or (self._log.head(name) != sandbox.head and not self._stands_still(name)):
            sandbox = self._caught_up(name, sandbox, make=False)
        self._pin(name)
        return sandbox

    def _stands_still(self, name: str) -> bool:
        """While a request to the control API works on it, nobody changes it under its hands."""
        return name in (pinned.get() or ())

    def _pin(self, name: str) -> None:
        pins = pinned.get()
        if pins is not None:
            pins.add(name)

    def local(self, name: str) -> SharedSandbox | None:
        """As it is held here, whatever has become of it since."""
        return self._by_name.get(name)

    def held(self) -> list[SharedSandbox]:
        return list(self._by_name.values())

    def settle(self, name: str, *, hold: bool = False) -> bool:
        """Tells the others what was done to the sandbox since it was named; whether nobody else was first, and what was
        presumed of it held. What was done is taken back if not, and if the log is not to be had. With `hold`, what goes
        out waits for `release`."""
        sandbox = self._by_name[name]
        entry = sandbox.journal.held
        changes: Changes = () if entry is None else entry.changes
        current = False
        try:
            step = sandbox.step(changes) if changes or sandbox.hot else None
            if step is not None:
                head = self._log.append(name, sandbox.head, step)
                current = head is not None
                if head is not None:
                    sandbox.stepped(head, step)
            else:
                current = not sandbox.presumed or self._log.head(name) == sandbox.head
        finally:
            sandbox.presumed, sandbox.was_current = False, current
            if not current:
                self._take_back(sandbox, changes)
        if current and not hold:
            sandbox.settle()
        return current

    def release(self, name: str) -> None:
        """What was held goes out."""
        self._by_name[name].settle()

    def turn(self) -> AbstractContextManager[None]:
        """Meanwhile no other process changes anything, where that can be had."""
        return self._log.turn()

    def give_up(self, name: str) -> None:
        """What became of a turn is not known here: the sandbox is read anew."""
        sandbox = self._by_name.get(name)
        if sandbox is not None:
            self._doubt(sandbox)

    def fail(self, name: str) -> None:
        """Takes back what a request did that came to no answer."""
        sandbox = self._by_name.get(name)
        if sandbox is not None:
            sandbox.presumed = False
            held = sandbox.journal.held
            self._take_back(sandbox, [*(() if held is None else held.changes), *sandbox.changes()])

    def spare(self, name: str) -> ServedSandbox:
        """To answer from that the log is not to be had: what is held here, or as it would be."""
        return self._by_name.get(name) or self._made(name, self._fresh_state, Shelf())

    def _take_back(self, sandbox: SharedSandbox, changes: Changes) -> None:
        self._bytes -= sandbox.take_back(changes)

    def _doubt(self, sandbox: SharedSandbox) -> None:
        self._bytes -= sandbox.doubt()

    # What the control API asks.

    def publish(self, name: str) -> bool:
        """Tells the others which parts the control API has changed of a sandbox; whether nobody else was first to
        change one of them. What was changed is taken back if not, and if the log is not to be had."""
        sandbox = self._by_name.get(name)
        if sandbox is None:
            return True
        try:
            published = self._publish(sandbox)
        except Unavailable:
            self._doubt(sandbox)
            raise
        if published:
            sandbox.settle()
        else:
            sandbox.put_back()
        return published

    def _publish(self, sandbox: SharedSandbox) -> bool:
        parts = sandbox.changed_parts()
        if not parts:
            return True
        for _ in range(MOST_TRIES):
            step = Step(parts=parts, size=sandbox.size - sandbox.told_size)
            head = self._log.append(sandbox.name, sandbox.head, step)
            if head is not None:
                sandbox.published(head, step)
                return True
            news = self._log.read(sandbox.name, sandbox.head)
            if news is None or news.base is not None or any(parts.keys() & one.parts for one in news.steps):
                return False
            self._follow(sandbox, news, mine=tuple(parts))
        raise Unavailable

    def unpublished(self, name: str) -> None:
        """Takes back what the control API has changed and could not finish."""
        sandbox = self._by_name.get(name)
        if sandbox is not None:
            sandbox.put_back()

    def reset(self, name: str = DEFAULT) -> None:
        before = self.get(name)
        size = before.size if before is not None and before.shelf else 0
        base = self._fresh_base(name)
        self._log.begin(name, Base(base.writes, base.parts, size))
        self._forget(name)
        self.named(name)

    def fork(self, source: ServedSandbox, name: str) -> ServedSandbox:
        if self._log.head(name) is not None:
            raise KeyError(name)
        if 2 * source.size > self._settings.max_bytes:
            raise NoRoom(self._settings.max_bytes)
        self.named(source.name)
        told = self._told(name, keep(source))
        origin = {ORIGIN: secrets.token_bytes(16)}
        self._log.open(name, Base(told.writes, told.parts | origin, source.size))
        news = self._log.read(name, None)
        if news is None or news.base is None or news.base.parts.get(ORIGIN) != origin[ORIGIN]:
            raise KeyError(name)
        self._make_room(name)
        forked = self.named(name)
        # It is there now, whatever becomes of the other one: nobody is to do it again.
        (pinned.get() or set()).discard(source.name)
        return forked

    def bring_back(self, sandbox: ServedSandbox, state: SandboxState) -> None:
        sandbox = cast(SharedSandbox, sandbox)
        bring_back(sandbox, state)
        base = Base(
            tuple(self._bases.differences(sandbox.worlds)), sandbox.all_parts(lives_on=True), sandbox.size
        )
        try:
            sandbox.head = self._log.begin(sandbox.name, base, live_on=True)
        except Unavailable:
            self._doubt(sandbox)
            raise
        sandbox.told_size = sandbox.size
        sandbox.mark()

    def delete(self, name: str) -> bool:
        dropped = self._log.drop(name)
        self._forget(name)
        return dropped

    def close(self) -> None:
        for sandbox in self._by_name.values():
            sandbox.outbox.close()
        self._courier.close()

    def __iter__(self) -> Iterator[ServedSandbox]:
        for known in self._log.names():
            sandbox = self.get(known.name)
            if sandbox is not None:
                yield sandbox

    def charge(self, sandbox: ServedSandbox, size: int, less: int = 0) -> None:
        limit = self._settings.max_bytes
        if sandbox.size - less + size > limit:
            raise NoRoom(limit)
        sandbox.size += size - less
        self._bytes += size - less
        self._unchecked += size
        if self._unchecked > limit // 100:
            self._unchecked = 0
            self._make_room(sandbox.name)

    # How they come and go.

    def _caught_up(self, name: str, sandbox: SharedSandbox | None, *, make: bool) -> SharedSandbox | None:
        """As the log has it now, made if need be."""
        known = None if sandbox is None else sandbox.head
        news = self._log.read(name, known)
        while news is None:
            if not make:
                self._forget(name)
                return None
            self._log.open(name, self._fresh_base(name))
            self._make_room(name)
            news = self._log.read(name, None)
        if sandbox is None or news.head.life != sandbox.head.life:
            self._forget(name)
            sandbox = self._joined(name, self._fresh_state)
            sandbox.head = Head(news.head.life, 0, 0)
            self._by_name[name] = sandbox
            if news.base is None:
                news = self._log.read(name, None) or news
        self._follow(sandbox, news)
        return sandbox

    def _follow(self, sandbox: SharedSandbox, news: News, mine: tuple[str, ...] = ()) -> None:
        if news.base is not None:
            if news.head.generation != sandbox.head.generation:
                sandbox.outbox.close()
            worlds = self._bases.worlds(news.base.writes, self._services(sandbox.name))
            sandbox.take_base(worlds, news.base)
        for step in news.steps:
            sandbox.apply(step, mine)
        untold = sandbox.size - sandbox.told_size
        self._bytes += news.size - sandbox.told_size
        sandbox.size, sandbox.told_size = news.size + untold, news.size
        sandbox.head = news.head
        if not mine:
            sandbox.settle()

    def _joined(self, name: str, state: SandboxState) -> SharedSandbox:
        shelf = SharedShelf(self._log, name, lambda kept: self._told(name, kept), self._state)
        sandbox = cast(SharedSandbox, self._made(name, state, shelf))
        sandbox.join(self.codec, self._bases, self._catalogue, repeats=self._settings.seed is not None)
        return sandbox

    def _fresh_base(self, name: str) -> Base:
        """A clock that begins with some time began when the sandbox did, for every process."""
        if self._settings.clock is None:
            return Base()
        parts = self._joined(name, self._fresh_state).all_parts(lives_on=False)
        return Base(parts={"clock": parts["clock"]})

    def _told(self, name: str, state: SandboxState) -> Base:
        made = self._joined(name, state)
        return Base(tuple(self._bases.differences(made.worlds)), made.all_parts(lives_on=False))

    def _state(self, base: Base) -> SandboxState:
        made = self._joined(DEFAULT, self._fresh_state)
        made.take_base(self._bases.worlds(base.writes, self._services(DEFAULT)), base)
        return keep(made)

    def _forget(self, name: str) -> None:
        """Here; in the log it is as it was."""
        sandbox = self._by_name.pop(name, None)
        if sandbox is not None:
            self._bytes -= sandbox.size
            sandbox.outbox.close()
            sandbox.journal.clear()

    def _make_room(self, kept: str) -> None:
        """Lets go of those that have been idle longest, wherever they were used."""
        saved = DEFAULT if self._settings.state is not None else kept
        known = list(self._log.names())
        names = {one.name for one in known}
        size = sum(one.size for one in known)
        for one in known:
            if len(names) <= self._settings.max_sandboxes and size <= self._settings.max_bytes:
                break
            if one.name not in (kept, saved):
                logger.info("sandbox %s has been idle longest and makes room", one.name)
                self._log.drop(one.name)
                names.discard(one.name)
                size -= one.size
        # What is being worked on may be gone, too: whoever works on it finds out when he tells what he did.
        for name in [name for name in self._by_name if name not in (*names, kept)]:
            self._forget(name)
