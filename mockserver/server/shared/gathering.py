"""What all processes remember of a sandbox, put together for whoever looks at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec

from mockserver.core.errors import Unavailable
from mockserver.core.exchange import Request
from mockserver.core.provider import Operation, Provider
from mockserver.server.deliveries import Delivery
from mockserver.server.journal.explaining import find_entry
from mockserver.server.shared.codec import ENCODER
from mockserver.server.shared.engine import SharedEngine
from mockserver.server.shared.peers import Alone, Peers
from mockserver.server.shared.sandbox import SharedSandbox
from mockserver.server.shared.telling import Find, Teller, ToldEntry, Witness

# How often the others are asked for news while somebody listens, in seconds.
PAUSE = 0.25


class Remember(msgspec.Struct, tag=True):
    """All of one sandbox."""

    sandbox: str


class Search(msgspec.Struct, tag=True):
    """One entry of any sandbox, by what find_entry knows it by."""

    id: str


class Since(msgspec.Struct, tag=True):
    """The entries of every sandbox after this number."""

    number: int


class Look(msgspec.Struct, tag=True):
    """Something of this sandbox has changed that somebody may wait for."""

    sandbox: str


Question = Remember | Search | Since | Look


class Gathering:
    def __init__(self, engine: SharedEngine) -> None:
        self._engine = engine
        self._peers: Peers = Alone()
        self._questions = msgspec.msgpack.Decoder(Question)
        self._witnesses = msgspec.msgpack.Decoder(Witness)
        self._lookers: dict[str, int] = {}
        self._listeners = 0
        self._listening: asyncio.Task[None] | None = None

    async def start(self, peers: Peers) -> None:
        self._peers = peers
        self._teller = Teller(self._engine.sandboxes.codec, find_in(self._engine))
        await peers.start(self.reply)

    async def close(self) -> None:
        await self._peers.close()

    def reply(self, question: bytes) -> bytes:
        """To another process."""
        try:
            return ENCODER.encode(self._witness(self._questions.decode(question)))
        except Unavailable:
            return ENCODER.encode(Witness())

    @asynccontextmanager
    async def looking(self, name: str, id_: str | None = None) -> AsyncIterator[None]:
        """For as long, the sandbox has what the others remember, too; so has the one that holds the entry `id_`."""
        witnesses = await self._ask(Remember(name))
        lent = [name] if self._lend(name, witnesses) else []
        if id_ is not None:
            for witness in await self._ask(Search(id_)):
                for told in witness.entries:
                    if told.sandbox != name and self._lend(told.sandbox, [witness]):
                        lent.append(told.sandbox)
        try:
            yield
        finally:
            for borrower in lent:
                self._return(borrower)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """For as long, the feed tells of what the others answer, too."""
        self._listeners += 1
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            self._listeners -= 1
            if not self._listeners and self._listening is not None:
                self._listening.cancel()
                self._listening = None

    async def tell(self, name: str) -> None:
        """Sees to it that the others know the sandbox as it is, before somebody counts on it."""
        await self._ask(Look(name))

    async def _ask(self, question: Question) -> list[Witness]:
        return [self._witnesses.decode(told) for told in await self._peers.ask(ENCODER.encode(question))]

    async def _listen(self) -> None:
        newest = next(self._engine.numbers)
        while True:
            await asyncio.sleep(PAUSE)
            found = [told for witness in await self._ask(Since(newest)) for told in witness.entries]
            for told in sorted(found, key=lambda told: told.number):
                newest = max(newest, told.number)
                self._engine.sandboxes.feed.tell(self._teller.entry(told))

    def _witness(self, question: Question) -> Witness:
        sandboxes = self._engine.sandboxes
        match question:
            case Remember(name):
                sandbox = sandboxes.get(name)
                return Witness() if sandbox is None else self._memories(sandbox)
            case Search(id_):
                found = find_entry(sandboxes.held(), id_)
                return Witness() if found is None else Witness([self._teller.told(found[1])])
            case Since(number):
                return Witness(
                    [
                        self._teller.told(entry)
                        for sandbox in sandboxes.held()
                        for entry in sandbox.journal.own_since(number)
                    ]
                )
            case Look(name):
                sandboxes.get(name)
        return Witness()

    def _memories(self, sandbox: SharedSandbox) -> Witness:
        return Witness(
            [self._teller.told(entry) for entry in sandbox.journal.own()],
            sandbox.journal.own_dropped,
            sandbox.outbox.own(),
            list(sandbox.outbox.shared_inbox.own()),
        )

    def _lend(self, name: str, witnesses: Sequence[Witness]) -> bool:
        sandbox = self._engine.sandboxes.get(name)
        if sandbox is None or not witnesses:
            return False
        self._lookers[name] = self._lookers.get(name, 0) + 1
        entries: list[ToldEntry] = [told for witness in witnesses for told in witness.entries]
        sandbox.journal.lend(
            [self._teller.entry(told) for told in entries], sum(witness.dropped for witness in witnesses)
        )
        sandbox.outbox.lend(_latest(witnesses))
        sandbox.outbox.shared_inbox.lend([message for witness in witnesses for message in witness.inbox])
        return True

    def _return(self, name: str) -> None:
        self._lookers[name] -= 1
        if self._lookers[name]:
            return
        del self._lookers[name]
        sandbox = self._engine.sandboxes.local(name)
        if sandbox is not None:
            sandbox.journal.lend((), 0)
            sandbox.outbox.lend({})
            sandbox.outbox.shared_inbox.lend(())


def _latest(witnesses: Sequence[Witness]) -> dict[str, Delivery]:
    """Of what several have sent, as the one has it that tried last."""
    found: dict[str, Delivery] = {}
    for delivery in (delivery for witness in witnesses for delivery in witness.deliveries):
        before = found.get(delivery.id)
        if before is None or len(before.attempts) <= len(delivery.attempts):
            found[delivery.id] = delivery
    return found


def find_in(engine: SharedEngine) -> Find:
    def find(request: Request) -> tuple[Provider, Operation | None, dict[str, str]]:
        provider, compiled, path = engine.find(request)
        return provider, None if compiled is None else compiled.operation, dict(path)

    return find
