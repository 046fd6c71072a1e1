"""The sandboxes of one server: made on first use, thrown away whole, bounded in number and bytes."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from mockserver.core.events import Event
from mockserver.core.provider import Provider
from mockserver.core.sandbox import Sandbox, Services, World, services
from mockserver.server.faults.deciding import Faults
from mockserver.server.faults.rules import RuleSpec
from mockserver.server.fixtures import FixtureSet
from mockserver.server.journal.journal import Feed, Journal
from mockserver.server.settings import Settings
from mockserver.server.webhooks import Outbox

DEFAULT = "default"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

logger = logging.getLogger(__name__)


class NoRoom(Exception):
    """One sandbox alone holds more than the server may; `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class ServedSandbox(Sandbox):
    """A sandbox with its webhooks, its faults and its journal."""

    def __init__(
        self,
        name: str,
        handed_in: Services,
        worlds: Mapping[str, World],
        outbox: Outbox,
        journal: Journal,
        faults: Faults,
    ) -> None:
        super().__init__(name, handed_in, worlds)
        self.outbox = outbox
        self.journal = journal
        self.faults = faults


class Sandboxes:
    """Keeps the sandboxes in the order of their last use, so that the first is the one idle longest.

    `feed` tells of every request to any of them. Each begins with the fault rules `faults`.
    """

    def __init__(
        self, settings: Settings, fixtures: Sequence[FixtureSet], faults: Sequence[RuleSpec] = ()
    ) -> None:
        self._settings = settings
        self._fixtures = fixtures
        self._faults = faults
        self._by_name: OrderedDict[str, ServedSandbox] = OrderedDict()
        self._bytes = 0
        self.feed = Feed()
        self.named(DEFAULT)

    @property
    def default(self) -> ServedSandbox:
        return self.named(DEFAULT)

    def named(self, name: str) -> ServedSandbox:
        """The sandbox of this name, a fresh one if there is none. Whoever has been idle longest makes room for it."""
        sandbox = self._by_name.get(name)
        if sandbox is None:
            sandbox = self._by_name[name] = self._fresh(name)
            while len(self._by_name) > self._settings.max_sandboxes:
                self._evict_another_than(name)
        self._by_name.move_to_end(name)
        return sandbox

    def charge(self, sandbox: ServedSandbox, size: int) -> None:
        """Counts bytes that a request brings in, and lets go of idle sandboxes where there is no room for them.

        What a sandbox was sent counts until it is reset or gone, whether it was kept or not: an upper bound. Raises
        NoRoom where this sandbox alone would be too much.
        """
        limit = self._settings.max_bytes
        if sandbox.size + size > limit:
            raise NoRoom(limit)
        sandbox.size += size
        self._bytes += size
        while self._bytes > limit:
            self._evict_another_than(sandbox.name)

    def reset(self, name: str = DEFAULT) -> None:
        """Replaces the sandbox by a fresh one; makes one if there is none."""
        self.delete(name)
        self.named(name)

    def delete(self, name: str) -> bool:
        """Whether there was one to delete. The next use of the name makes a fresh one."""
        sandbox = self._by_name.pop(name, None)
        if sandbox is None:
            return False
        self._bytes -= sandbox.size
        sandbox.outbox.close()
        return True

    def __iter__(self) -> Iterator[ServedSandbox]:
        """Every sandbox, the one idle longest first."""
        return iter(list(self._by_name.values()))

    def _evict_another_than(self, kept: str) -> None:
        name = next(name for name in self._by_name if name != kept)
        logger.info("sandbox %s has been idle longest and makes room", name)
        self.delete(name)

    def _fresh(self, name: str) -> ServedSandbox:
        settings = self._settings
        handed_in = services(
            seed=settings.seed,
            name=name,
            base_url=settings.base_url,
            rate_factor=settings.rate_factor,
            quirks=settings.quirks,
        )
        worlds = {fixtures.provider.name: fixtures.build(handed_in) for fixtures in self._fixtures}
        faults = Faults(self._faults, seed=None if settings.seed is None else f"{settings.seed}/{name}")
        outbox = Outbox(handed_in.ids, settings.webhooks)
        outbox.copies = faults.copies
        for fixtures in self._fixtures:
            for target in fixtures.webhook_targets():
                outbox.add_target(target)
            world = worlds[fixtures.provider.name]
            handed_in.events.subscribe(partial(_tell, outbox, fixtures.provider, world))
        for world in worlds.values():
            world.store.take_changes()
        return ServedSandbox(name, handed_in, worlds, outbox, Journal(settings.journal, self.feed), faults)


def _tell(outbox: Outbox, provider: Provider, world: object, event: Event) -> None:
    outbox.post(provider.webhook(event, world))
