"""The log in a folder on this machine, through LMDB: for the workers of one server.

What was appended survives the death of any process, and of all; a loss of power may take the last seconds.

A step is written as it is, and nothing else: only when there are many, the oldest are put into the records, which costs
less for many at once. So the state is the records, and all steps that are kept.
"""

from __future__ import annotations

import logging
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import lmdb
import msgspec

from mockserver.server.shared.codec import ENCODER
from mockserver.server.shared.lmdbgenerations import NUMBER, Generations, below
from mockserver.server.shared.log import Base, Head, Kept, Known, News, Step, Unavailable

# How many steps are kept at least, for who is behind, and how many bytes at most; farther behind, the records are read.
MOST_STEPS = 8_000
MOST_STEP_BYTES = 32 * 1024 * 1024
# The file grows as it must; this much room is asked for at first, and twice as much whenever it is used up.
FIRST_ROOM = 256 * 1024 * 1024
MOST_READERS = 1_024
# Of generations that are gone, so many keys are deleted with every so many steps, and twice as many as come in with
# every new generation.
SWEPT, SWEEP_EVERY = 1_000, 16

WHERE = struct.Struct(">QQQ")
STATE = struct.Struct(">QQQQQQd")
FINGERPRINT, LAST_NUMBER = b"fingerprint", b"last"

P = ParamSpec("P")
R = TypeVar("R")
logger = logging.getLogger(__name__)


class _State(msgspec.Struct):
    """What stands under a sandbox's name: its head, the first step that is kept and the bytes of all, and so on."""

    life: int
    generation: int
    version: int
    first: int
    step_bytes: int
    size: int
    used: float

    def packed(self) -> bytes:
        return STATE.pack(
            self.life,
            self.generation,
            self.version,
            self.first,
            self.step_bytes,
            self.size,
            self.used,
        )

    @property
    def head(self) -> Head:
        return Head(self.life, self.generation, self.version)


def _state(raw: Any) -> _State | None:
    return None if raw is None else _State(*STATE.unpack(raw))


def _bounded(
    work: Callable[Concatenate[LmdbLog, P], R],
) -> Callable[Concatenate[LmdbLog, P], R]:
    """Does it again where the file has to grow, or has been made to by another process."""

    def working(log: LmdbLog, /, *arguments: P.args, **named: P.kwargs) -> R:
        for _ in range(10):
            try:
                return work(log, *arguments, **named)
            except lmdb.MapFullError:
                if log.has_turn:
                    raise Unavailable from None
                log.grow()
            except lmdb.MapResizedError:
                log.grow(adopting=True)
            except lmdb.Error as error:
                logger.error("the shared state cannot be used: %s", error)
                raise Unavailable from error
        raise Unavailable

    return working


class LmdbLog:
    """One process's door to the folder; after a fork, each process opens its own."""

    far = False

    def __init__(self, folder: Path, *, most_steps: int = MOST_STEPS, first_room: int = FIRST_ROOM) -> None:
        self._most_steps = most_steps
        self._turn: Any = None
        self._folded_at = 2 * most_steps
        try:
            self._env = lmdb.open(
                str(folder),
                map_size=first_room,
                # What people have sent stands there, with their credentials.
                mode=0o600,
                max_dbs=8,
                max_readers=MOST_READERS,
                sync=False,
                metasync=False,
                # Without it every commit is several system calls, and costs three times as much.
                writemap=True,
                meminit=False,
            )
            self._meta, self._heads, self._shelf = map(self._env.open_db, (b"meta", b"heads", b"shelf"))
            self._generations = Generations(*map(self._env.open_db, (b"records", b"steps", b"parts", b"old")))
            self._env.reader_check()
        except lmdb.Error as error:
            raise Unavailable(str(error)) from error
        self._seen: dict[str, tuple[bytes, Head]] = {}
        self._decode_shelf = msgspec.msgpack.Decoder(tuple[Kept, bytes]).decode

    @contextmanager
    def turn(self) -> Iterator[None]:
        try:
            with self._env.begin(write=True) as access:
                self._turn = access
                try:
                    yield
                finally:
                    self._turn = None
        except lmdb.Error as error:
            raise Unavailable from error

    @property
    def has_turn(self) -> bool:
        return self._turn is not None

    def _writing(self) -> AbstractContextManager[Any]:
        return self._env.begin(write=True) if self._turn is None else nullcontext(self._turn)

    def _reading(self) -> AbstractContextManager[Any]:
        return self._env.begin() if self._turn is None else nullcontext(self._turn)

    def grow(self, *, adopting: bool = False) -> None:
        """To what another process has made of it, or by as much again."""
        try:
            self._env.set_mapsize(0 if adopting else 2 * self._env.info()["map_size"])
        except lmdb.Error as error:
            raise Unavailable from error

    @_bounded
    def hold(self, fingerprint: str) -> bool:
        with self._writing() as access:
            there = access.get(FINGERPRINT, db=self._meta)
            if there is None:
                access.put(FINGERPRINT, fingerprint.encode(), db=self._meta)
            return there in (None, fingerprint.encode())

    def head(self, sandbox: str) -> Head | None:
        try:
            # What is read ends with nobody holding it any more.
            raw = (self._turn or self._env.begin()).get(sandbox.encode(), db=self._heads)
        except lmdb.Error:
            return self._head_anyway(sandbox)
        if raw is None:
            return None
        known = self._seen.get(sandbox)
        if known is not None and raw.startswith(known[0]):
            return known[1]
        head = Head(*WHERE.unpack(raw[: WHERE.size]))
        self._seen[sandbox] = raw[: WHERE.size], head
        return head

    @_bounded
    def _head_anyway(self, sandbox: str) -> Head | None:
        with self._reading() as access:
            state = _state(access.get(sandbox.encode(), db=self._heads))
        return None if state is None else state.head

    @_bounded
    def read(self, sandbox: str, known: Head | None) -> News | None:
        with self._reading() as access:
            state = _state(access.get(sandbox.encode(), db=self._heads))
            if state is None:
                return None
            generation = NUMBER.pack(state.generation)
            first, base = state.first, None
            if known is not None and known.generation == state.generation and known.version + 1 >= first:
                first = known.version + 1
            else:
                base = Base(*self._generations.base(access, generation), state.size)
            steps = self._generations.steps(access, generation, range(first, state.version + 1))
            return News(state.head, state.size, steps, base)

    def append(self, sandbox: str, head: Head, step: Step) -> Head | None:
        try:
            return self._append(sandbox, head, step)
        except lmdb.Error:
            return self._append_anyway(sandbox, head, step)

    @_bounded
    def _append_anyway(self, sandbox: str, head: Head, step: Step) -> Head | None:
        return self._append(sandbox, head, step)

    def _append(self, sandbox: str, head: Head, step: Step) -> Head | None:
        name, told = sandbox.encode(), ENCODER.encode(step)
        with self._writing() as access:
            raw = access.get(name, db=self._heads)
            if raw is None or not raw.startswith(WHERE.pack(head.life, head.generation, head.version)):
                return None
            life, number, version, first, step_bytes, size, _ = STATE.unpack(raw)
            version += 1
            generation = NUMBER.pack(number)
            self._generations.add_step(access, generation, version, told)
            step_bytes += len(told)
            if version - first >= self._folded_at or step_bytes > MOST_STEP_BYTES:
                # One that is larger than all may be together goes into the records at once.
                kept = min(self._most_steps, (version - first) // 2) if version > first else -1
                step_bytes -= self._generations.fold(access, generation, range(first, version - kept))
                first = version - kept
            size = max(0, size + step.size)
            packed = STATE.pack(life, number, version, first, step_bytes, size, time.time())
            access.put(name, packed, db=self._heads)
            if not version % SWEEP_EVERY:
                self._generations.sweep(access, SWEPT)
        new = Head(life, number, version)
        self._seen[sandbox] = packed[: WHERE.size], new
        return new

    @_bounded
    def begin(self, sandbox: str, base: Base, *, live_on: bool = False) -> Head:
        with self._writing() as access:
            return self._begin(access, sandbox, base, live_on=live_on)

    @_bounded
    def open(self, sandbox: str, base: Base) -> Head:
        with self._writing() as access:
            there = _state(access.get(sandbox.encode(), db=self._heads))
            return self._begin(access, sandbox, base) if there is None else there.head

    @_bounded
    def touch(self, sandbox: str) -> None:
        with self._writing() as access:
            state = _state(access.get(sandbox.encode(), db=self._heads))
            if state is not None:
                state.used = time.time()
                access.put(sandbox.encode(), state.packed(), db=self._heads)

    @_bounded
    def drop(self, sandbox: str) -> bool:
        self._seen.pop(sandbox, None)
        with self._writing() as access:
            for key, _ in list(below(access, self._shelf, _shelf_key(sandbox))):
                access.delete(key, db=self._shelf)
            raw = access.pop(sandbox.encode(), db=self._heads)
            if raw is not None:
                self._generations.leave(access, STATE.unpack(raw)[1])
            return raw is not None

    @_bounded
    def names(self) -> Sequence[Known]:
        with self._reading() as access:
            known = [
                Known(key.decode(), STATE.unpack(raw)[5], STATE.unpack(raw)[6])
                for key, raw in access.cursor(db=self._heads)
            ]
        return sorted(known, key=lambda one: one.used)

    @_bounded
    def snapshots(self, sandbox: str) -> Sequence[Kept]:
        with self._reading() as access:
            return [kept for _, kept in self._kept(access, sandbox)]

    @_bounded
    def keep(self, sandbox: str, snapshot: Kept, state: bytes, most: int) -> bool:
        with self._writing() as access:
            there = self._kept(access, sandbox)
            before = next((key for key, kept in there if kept.name == snapshot.name), None)
            if before is None and len(there) >= most:
                raise OverflowError
            if before is not None:
                access.delete(before, db=self._shelf)
            key = _shelf_key(sandbox, self._next(access))
            access.put(key, ENCODER.encode((snapshot, state)), db=self._shelf)
            return before is not None

    @_bounded
    def snapshot(self, sandbox: str, name: str) -> bytes | None:
        with self._reading() as access:
            for _, raw in below(access, self._shelf, _shelf_key(sandbox)):
                kept, state = self._decode_shelf(raw)
                if kept.name == name:
                    return state
        return None

    @_bounded
    def forget(self, sandbox: str, name: str) -> bool:
        with self._writing() as access:
            there = [key for key, kept in self._kept(access, sandbox) if kept.name == name]
            for key in there:
                access.delete(key, db=self._shelf)
            return bool(there)

    def close(self) -> None:
        with suppress(lmdb.Error):
            self._env.sync(True)
        self._env.close()

    def _next(self, access: lmdb.Transaction) -> int:
        raw = access.get(LAST_NUMBER, db=self._meta)
        number: int = 1 if raw is None else NUMBER.unpack(raw)[0] + 1
        access.put(LAST_NUMBER, NUMBER.pack(number), db=self._meta)
        return number

    def _begin(self, access: lmdb.Transaction, sandbox: str, base: Base, *, live_on: bool = False) -> Head:
        before = _state(access.get(sandbox.encode(), db=self._heads))
        number = self._next(access)
        life = before.life if live_on and before is not None else number
        if before is not None:
            self._generations.leave(access, before.generation)
        self._generations.sweep(access, SWEPT + 2 * (len(base.writes) + len(base.parts)))
        self._generations.put(access, NUMBER.pack(number), base.writes, base.parts)
        state = _State(life, number, 0, 1, 0, base.size, time.time())
        access.put(sandbox.encode(), state.packed(), db=self._heads)
        return state.head

    def _kept(self, access: lmdb.Transaction, sandbox: str) -> list[tuple[bytes, Kept]]:
        """By the order of their taking, which is in the key."""
        prefix = _shelf_key(sandbox)
        return [(key, self._decode_shelf(raw)[0]) for key, raw in below(access, self._shelf, prefix)]


def _shelf_key(sandbox: str, number: int | None = None) -> bytes:
    """Of one snapshot, or what those of all begin with."""
    return sandbox.encode() + b"\0" + (b"" if number is None else NUMBER.pack(number))
