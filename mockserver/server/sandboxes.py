"""The sandboxes of one server: made on first use, thrown away whole, bounded in number and bytes."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mockserver.core.errors import ConfigurationError
from mockserver.core.events import Event
from mockserver.core.later import later
from mockserver.core.provider import Provider, no_messages
from mockserver.core.sandbox import Hold, Sandbox, Services, World, WorldState, held_by_nobody, services
from mockserver.core.views import Room as ViewsRoom
from mockserver.server.courier import Courier
from mockserver.server.faults.deciding import Faults
from mockserver.server.faults.rules import RuleSpec
from mockserver.server.journal.journal import Feed, Journal, Room
from mockserver.server.settings import Settings
from mockserver.server.state.building import built
from mockserver.server.state.keeping import SandboxState, bring_back, keep
from mockserver.server.state.reading import Loaded
from mockserver.server.state.shelf import Shelf
from mockserver.server.webhooks import Outbox

if TYPE_CHECKING:
    from mockserver.server.state.exporting import export
else:
    export = later("mockserver.server.state.exporting", "export")

DEFAULT = "default"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

logger = logging.getLogger(__name__)


class NoRoom(Exception):
    """One sandbox alone holds more than the server may; `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class ServedSandbox(Sandbox):
    """A sandbox with its webhooks, its faults, its journal and its snapshots."""

    def __init__(
        self,
        name: str,
        handed_in: Services,
        worlds: Mapping[str, World],
        outbox: Outbox,
        journal: Journal,
        faults: Faults,
        shelf: Shelf,
    ) -> None:
        super().__init__(name, handed_in, worlds)
        self.outbox = outbox
        self.journal = journal
        self.faults = faults
        self.shelf = shelf


class Sandboxes:
    """Keeps the sandboxes in the order of their last use, so that the first is the one idle longest.

    The fixtures are built into one world at the start; a fresh sandbox goes on from that. `feed` tells of every request
    to any of them. Each begins with the fault rules `faults`; the default one goes on from `kept` until it is reset.
    `hold` is told of every record before it is told to anybody.
    """

    # What a sandbox is made of; who shares sandboxes with other processes has kinds of its own.
    sandbox_kind: type[ServedSandbox] = ServedSandbox
    journal_kind: type[Journal] = Journal
    outbox_kind: type[Outbox] = Outbox

    def __init__(
        self,
        settings: Settings,
        providers: Sequence[Provider],
        world: Loaded,
        faults: Sequence[RuleSpec] = (),
        kept: Loaded | None = None,
        hold: Hold = held_by_nobody,
    ) -> None:
        self._settings = settings
        self._hold = hold
        self._views_room = ViewsRoom()
        self._faults = faults
        self._courier = Courier()
        self._room = Room(settings.journal.total)
        self._providers = providers
        self._fresh_state = self._built(world, {})
        self._by_name: OrderedDict[str, ServedSandbox] = OrderedDict()
        self._bytes = 0
        self.feed = Feed()
        self._begin(kept)

    def _begin(self, kept: Loaded | None) -> None:
        if kept is not None:
            self._add(DEFAULT, self.loaded(DEFAULT, kept), Shelf())
        self.named(DEFAULT)

    @property
    def default(self) -> ServedSandbox:
        return self.named(DEFAULT)

    def named(self, name: str) -> ServedSandbox:
        """The sandbox of this name, a fresh one if there is none. Whoever has been idle longest makes room for it."""
        sandbox = self._by_name.get(name)
        if sandbox is None:
            sandbox = self._add(name, self._fresh_state, Shelf())
        self._by_name.move_to_end(name)
        return sandbox

    def look(self, name: str) -> ServedSandbox:
        """The sandbox of this name; where there is none, one as it would be, which is not kept."""
        return self._by_name.get(name) or self._made(name, self._fresh_state, Shelf())

    def get(self, name: str) -> ServedSandbox | None:
        """The sandbox of this name if there is one; looking is no use."""
        return self._by_name.get(name)

    def charge(self, sandbox: ServedSandbox, size: int, less: int = 0) -> None:
        """Counts bytes that a request brings in, `less` those that it does away with, and lets go of idle sandboxes
        where there is no room for them.

        What a sandbox was sent counts until it is reset or gone, whether it was kept or not: an upper bound. Raises
        NoRoom where this sandbox alone would be too much; nothing has changed then.
        """
        limit = self._settings.max_bytes
        if sandbox.size - less + size > limit:
            raise NoRoom(limit)
        sandbox.size += size - less
        self._bytes += size - less
        while self._bytes > limit and self._evict_another_than(sandbox.name):
            pass

    def reset(self, name: str = DEFAULT) -> None:
        """Replaces the sandbox by a fresh one; makes one if there is none. Its snapshots stay, and what it was sent
        counts on as long as there are any: they may hold it."""
        before = self._by_name.get(name)
        self.delete(name)
        if before is None or not before.shelf:
            self.named(name)
        else:
            self.charge(self._add(name, self._fresh_state, before.shelf), before.size)

    def fork(self, source: ServedSandbox, name: str) -> ServedSandbox:
        """A sandbox that goes on from where the other one is, without its journal and its snapshots. Raises NoRoom, and
        KeyError if there is one of this name."""
        if name in self._by_name:
            raise KeyError(name)
        if 2 * source.size > self._settings.max_bytes:
            raise NoRoom(self._settings.max_bytes)
        self.named(source.name)
        fork = self._add(name, keep(source), Shelf())
        self.charge(fork, source.size)
        return fork

    def loaded(self, name: str, given: Loaded) -> SandboxState:
        """The state that a sandbox of this name has once it is given that; what is not given is as in a fresh one.
        Raises ConfigurationError."""
        for vendor, found in given.fixtures.items():
            if found.provider not in self._providers:
                raise ConfigurationError(f"{vendor} is in the state and is not served here")
        state = self._built(given, self._fresh_state.worlds)
        fresh = self._services(name)
        return replace(
            state,
            clock=state.clock or self._fresh_state.clock or fresh.clock.snapshot(),
            ids=state.ids or self._fresh_state.ids or fresh.ids.snapshot(),
        )

    def load(self, sandbox: ServedSandbox, given: Loaded, size: int) -> None:
        """Puts a state in the place of a sandbox's own; `size` is what it took to tell it. What the sandbox was sent
        before counts no longer, unless there are snapshots that may hold it. Raises ConfigurationError and NoRoom."""
        state = self.loaded(sandbox.name, given)
        before = 0 if sandbox.shelf else sandbox.size
        self.charge(sandbox, size, before)
        self.bring_back(sandbox, state)

    def bring_back(self, sandbox: ServedSandbox, state: SandboxState) -> None:
        """The sandbox goes on from there; webhooks on their way are given up."""
        bring_back(sandbox, state)

    def export(self, sandbox: ServedSandbox) -> str:
        return export(keep(sandbox), self._providers, self._settings.webhooks.targets)

    def delete(self, name: str) -> bool:
        """Whether there was one to delete. The next use of the name makes a fresh one."""
        sandbox = self._by_name.pop(name, None)
        if sandbox is None:
            return False
        self._bytes -= sandbox.size
        sandbox.outbox.close()
        sandbox.journal.clear()
        return True

    def close(self) -> None:
        """Gives up what is on its way out of any of them, and the thread that carries it."""
        for sandbox in self:
            sandbox.outbox.close()
        self._courier.close()

    def __iter__(self) -> Iterator[ServedSandbox]:
        """Every sandbox, the one idle longest first."""
        return iter(list(self._by_name.values()))

    def _evict_another_than(self, kept: str) -> bool:
        """Whether there was one that may go."""
        # What is to be saved at the end is not let go before.
        saved = DEFAULT if self._settings.state is not None else kept
        name = next((name for name in self._by_name if name not in (kept, saved)), None)
        if name is None:
            return False
        logger.info("sandbox %s has been idle longest and makes room", name)
        return self.delete(name)

    def _add(self, name: str, state: SandboxState, shelf: Shelf) -> ServedSandbox:
        sandbox = self._by_name[name] = self._made(name, state, shelf)
        while len(self._by_name) > self._settings.max_sandboxes and self._evict_another_than(name):
            pass
        return sandbox

    def _made(self, name: str, state: SandboxState, shelf: Shelf) -> ServedSandbox:
        handed_in = self._services(name)
        worlds = {provider.name: provider.build({}, handed_in) for provider in self._providers}
        seed = self._settings.seed
        faults = Faults(self._faults, seed=None if seed is None else f"{seed}/{name}")
        outbox = self.outbox_kind(handed_in.ids, handed_in.clock, self._settings.webhooks, self._courier)
        outbox.copies = faults.copies
        for provider in self._providers:
            if provider.webhook is not no_messages:
                post = partial(_post, outbox, provider, worlds[provider.name])
                handed_in.events.subscribe(post, audience=outbox.targets)
        sandbox = self.sandbox_kind(
            name,
            handed_in,
            worlds,
            outbox,
            self.journal_kind(self._settings.journal, self.feed, self._room),
            faults,
            shelf,
        )
        bring_back(sandbox, state)
        return sandbox

    def _built(self, given: Loaded, otherwise: Mapping[str, WorldState]) -> SandboxState:
        """A vendor that is not given has the other world. Raises ConfigurationError where records do not fit."""
        handed_in = self._services("")
        worlds = dict(otherwise)
        for provider in self._providers:
            if provider.name in given.fixtures:
                worlds[provider.name] = built(given, provider.name, handed_in)
        policy = self._settings.webhooks
        targets = list(policy.targets)
        for target, place in given.targets():
            try:
                policy.hold(target)
            except ConfigurationError as error:
                raise place.error(str(error)) from None
            targets.append(target)
        return SandboxState(worlds, targets, given.clock, given.ids)

    def _services(self, name: str) -> Services:
        settings = self._settings
        return services(
            seed=settings.seed,
            name=name,
            base_url=settings.base_url,
            rate_factor=settings.rate_factor,
            quirks=settings.quirks,
            start=settings.clock,
            hold=self._hold,
            room=self._views_room,
        )


def _post(outbox: Outbox, provider: Provider, world: object, event: Event) -> None:
    outbox.post(provider.webhook(event, world))
