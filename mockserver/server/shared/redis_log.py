"""The log on a Redis or Valkey server: one command for every look, one script for every write (`redis_scripts`).

All keys of a sandbox have its name as their hash tag, so that a cluster has them on one server, and other sandboxes on
others.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import msgspec

from mockserver.server.shared.codec import ENCODER
from mockserver.server.shared.log import Base, Head, Kept, Known, News, Step, Write
from mockserver.server.shared.redis_line import Line, Part
from mockserver.server.shared.redis_scripts import (
    APPEND,
    BEGIN,
    DROP,
    FORGET,
    KEEP,
    KEYS,
    READ,
    TOUCH,
    UNMARKED,
)

# What is kept for who is behind; farther behind, the records are read.
MOST_STEPS = 2_000
MOST_BYTES = 16 << 20
# The length of a head's mark.
MARK = len(UNMARKED)
# How many records are told at once, and how many seconds those are kept that are told ahead of the others.
AT_ONCE = 5_000
AHEAD = 60

_step = msgspec.msgpack.Decoder(Step).decode
_write = msgspec.msgpack.Decoder(Write).decode


class RedisLog:
    """For one thread. `most_steps` is how many are kept of each sandbox.

    A server that was restarted, or a replica that has taken its place, may have lost what was not told to its disk, or
    to the replica. Its sandboxes may then come to the same version by other steps, but never to the same mark; whoever
    has another one reads the sandbox whole once more.
    """

    far = True

    def __init__(self, line: Line, most_steps: int = MOST_STEPS) -> None:
        self._line = line
        self._prefix = line.address.prefix
        self._most_steps = most_steps
        self._keys: dict[str, tuple[str, ...]] = {}
        # The head that was read, or written, last.
        self._seen: dict[str, tuple[bytes, Head]] = {}
        self._names_key = f"{self._prefix}:names"

    def hold(self, fingerprint: str) -> bool:
        key = f"{self._prefix}:fingerprint"
        self._line.write("SET", key, fingerprint, "NX")
        return bool(self._line.read("GET", key) == fingerprint.encode())

    def head(self, sandbox: str) -> Head | None:
        raw = self._line.read("GET", self._of(sandbox)[0])
        seen = self._seen.get(sandbox)
        if seen is not None and seen[0] == raw:
            return seen[1]
        return None if raw is None else _head(raw)

    def read(self, sandbox: str, known: Head | None) -> News | None:
        told = "" if known is None else _told(known)
        reply = READ.read(self._line, self._of(sandbox), told)
        if reply is None:
            return None
        raw, size, kind, *content = reply
        head = self._met(sandbox, raw)
        if kind == b"steps":
            return News(head, int(size), tuple(_step(told[MARK:]) for told in content[0]))
        parts, records = content
        base = Base(tuple(map(_write, records)), dict(_pairs(parts)), int(size))
        return News(head, int(size), base=base)

    def append(self, sandbox: str, head: Head, step: Step) -> Head | None:
        mark = secrets.token_hex(MARK // 2)
        told = _told(Head(head.life, head.generation, head.version + 1, mark))
        marked = mark.encode() + ENCODER.encode(step)
        was_head = APPEND.write(
            self._line,
            self._of(sandbox),
            *(_told(head), told, marked, step.size, _now(), self._most_steps, MOST_BYTES),
            *_values(step.writes, step.parts),
        )
        if not was_head:
            return None
        return self._met(sandbox, told.encode())

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def begin(self, sandbox: str, base: Base, *, live_on: bool = False) -> Head:
        return self._begin(sandbox, base, "on" if live_on else "anew")

    def open(self, sandbox: str, base: Base) -> Head:
        return self._begin(sandbox, base, "open")

    def touch(self, sandbox: str) -> None:
        if TOUCH.write(self._line, self._of(sandbox), _now()):
            self._list(sandbox)

    def drop(self, sandbox: str) -> bool:
        # In this order: whoever begins it anew meanwhile has listed it before, and is not to be taken off the list.
        self._line.write("SREM", self._names_key, sandbox)
        there = bool(DROP.write(self._line, self._of(sandbox)))
        self._forget(sandbox)
        return there

    def names(self) -> Sequence[Known]:
        listed = sorted(name.decode() for name in self._line.read("SMEMBERS", self._names_key))
        for name in self._keys.keys() - set(listed):
            self._forget(name)
        about = self._line.read_all(("HMGET", self._of(name)[4], "size", "used") for name in listed)
        known = [
            Known(name, int(size), int(used) / 1_000_000)
            for name, (size, used) in zip(listed, about, strict=True)
            if size is not None
        ]
        return sorted(known, key=lambda one: one.used)

    def snapshots(self, sandbox: str) -> Sequence[Kept]:
        shelf = _pairs(self._line.read("HGETALL", self._of(sandbox)[5]))
        turns = ((name, *value.decode().split(" ", 1)) for name, value in shelf)
        return [Kept(name, at) for name, _, at in sorted(turns, key=lambda one: int(one[1]))]

    def keep(self, sandbox: str, snapshot: Kept, state: bytes, most: int) -> bool:
        before = KEEP.write(self._line, self._of(sandbox), snapshot.name, snapshot.at, state, most)
        if before < 0:
            raise OverflowError
        return bool(before)

    def snapshot(self, sandbox: str, name: str) -> bytes | None:
        state: bytes | None = self._line.read("HGET", self._of(sandbox)[6], name)
        return state

    def forget(self, sandbox: str, name: str) -> bool:
        return bool(FORGET.write(self._line, self._of(sandbox), name))

    def close(self) -> None:
        self._line.close()

    def _begin(self, sandbox: str, base: Base, how: str) -> Head:
        # Listed first: a name that is listed and has no head is none, but a sandbox that is not listed would stay
        # for ever.
        self._list(sandbox)
        # Numbers counted by the server would come again where it lost some.
        number = secrets.randbits(62)
        keys = self._of(sandbox)
        writes = [write for write in base.writes if not write.is_forgotten]
        if len(writes) > AT_ONCE:
            keys, writes = (*keys, self._sent_ahead(sandbox, number, writes)), []
        values = _values(writes, base.parts)
        raw = BEGIN.write(self._line, keys, number, how, base.size, _now(), *values)
        return self._met(sandbox, raw)

    def _sent_ahead(self, sandbox: str, number: int, writes: Sequence[Write]) -> str:
        """The key under which they wait to become a sandbox's records: one command for them all would take longer than
        an answer is waited for."""
        key = f"{{{self._prefix}:{sandbox}}}new:{number}"
        for first in range(0, len(writes), AT_ONCE):
            some = writes[first : first + AT_ONCE]
            values = [part for write in some for part in (_place(write), ENCODER.encode(write))]
            self._line.write_all([("HSET", key, *values), ("EXPIRE", key, AHEAD)])
        return key

    def _forget(self, sandbox: str) -> None:
        self._seen.pop(sandbox, None)
        self._keys.pop(sandbox, None)

    def _list(self, sandbox: str) -> None:
        self._line.write("SADD", self._names_key, sandbox)

    def _met(self, sandbox: str, raw: bytes) -> Head:
        head = _head(raw)
        self._seen[sandbox] = raw, head
        return head

    def _of(self, sandbox: str) -> tuple[str, ...]:
        keys = self._keys.get(sandbox)
        if keys is None:
            tag = f"{{{self._prefix}:{sandbox}}}"
            keys = self._keys[sandbox] = tuple(tag + key for key in KEYS)
        return keys


def _head(raw: bytes) -> Head:
    life, generation, version, mark = raw.decode().split()
    return Head(int(life), int(generation), int(version), mark)


def _told(head: Head) -> str:
    return f"{head.life} {head.generation} {head.version} {head.mark}"


def _values(writes: Sequence[Write], parts: Mapping[str, bytes]) -> Iterator[Part]:
    """The end of a script's arguments: the number of values for `records`, that of places of records that are
    forgotten, these values, these places, and the values for `parts`."""
    kept = [write for write in writes if not write.is_forgotten]
    yield 2 * len(kept)
    yield len(writes) - len(kept)
    for write in kept:
        yield _place(write)
        yield ENCODER.encode(write)
    for write in writes:
        if write.is_forgotten:
            yield _place(write)
    for name, value in parts.items():
        yield name
        yield value


def _place(write: Write) -> bytes:
    return f"{write.vendor}\0{write.collection}\0{write.key}".encode("utf-8", "surrogatepass")


def _pairs(flat: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    for name, value in zip(flat[::2], flat[1::2], strict=True):
        yield name.decode(), value


def _now() -> int:
    """Microseconds: they only say who has been idle longest."""
    return int(time.time() * 1_000_000)
