"""The records, parts and steps of the states that stand in a folder, each state under a number of its own.

A state is its records and parts, and the steps that have not been put into these yet. One that is gone is deleted a
little at a time: all at once would keep everybody waiting.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import lmdb
import msgspec

from mockserver.server.shared.codec import ENCODER
from mockserver.server.shared.log import Step, Unavailable, Write

LONGEST_KEY = 500
NUMBER = struct.Struct(">Q")


class Generations:
    """`old` are the states that are gone and not deleted yet. What is done is done within the transaction `access`."""

    def __init__(self, records: Any, steps: Any, parts: Any, old: Any) -> None:
        self._records, self._steps, self._parts, self._old = records, steps, parts, old
        self._decode_step = msgspec.msgpack.Decoder(Step).decode
        self._decode_write = msgspec.msgpack.Decoder(Write).decode

    def base(self, access: lmdb.Transaction, generation: bytes) -> tuple[tuple[Write, ...], dict[str, bytes]]:
        """The records and the parts, without what the steps have changed since."""
        writes = tuple(self._decode_write(raw) for _, raw in below(access, self._records, generation))
        return writes, {key[8:].decode(): raw for key, raw in below(access, self._parts, generation)}

    def steps(self, access: lmdb.Transaction, generation: bytes, versions: range) -> tuple[Step, ...]:
        """Raises Unavailable where one of them is not there."""
        return tuple(
            self._decode_step(_bytes(access.get(generation + NUMBER.pack(version), db=self._steps)))
            for version in versions
        )

    def add_step(self, access: lmdb.Transaction, generation: bytes, version: int, told: bytes) -> None:
        access.put(generation + NUMBER.pack(version), told, db=self._steps)

    def leave(self, access: lmdb.Transaction, number: int) -> None:
        """From now on it is gone."""
        access.put(NUMBER.pack(number), b"", db=self._old)

    def put(
        self,
        access: lmdb.Transaction,
        generation: bytes,
        writes: Sequence[Write],
        parts: Mapping[str, bytes],
    ) -> None:
        for write in writes:
            if not write.is_forgotten:
                access.put(generation + _record_key(write), ENCODER.encode(write), db=self._records)
        for name, told in parts.items():
            access.put(generation + name.encode(), told, db=self._parts)

    def fold(self, access: lmdb.Transaction, generation: bytes, versions: range) -> int:
        """Puts these steps into the records; how many bytes they took."""
        size = 0
        records: dict[bytes, bytes] = {}
        forgotten: set[bytes] = set()
        parts: dict[str, bytes] = {}
        with access.cursor(db=self._steps) as steps:
            steps.set_range(generation + NUMBER.pack(versions[0]))
            for _ in versions:
                told = bytes(steps.value())
                size += len(told)
                step = self._decode_step(told)
                for write in step.writes:
                    key = generation + _record_key(write)
                    if write.is_forgotten:
                        records.pop(key, None)
                        forgotten.add(key)
                    else:
                        records[key] = ENCODER.encode(write)
                        forgotten.discard(key)
                parts |= step.parts
                steps.delete()
        with access.cursor(db=self._records) as cursor:
            cursor.putmulti(sorted(records.items()))
        for key in forgotten:
            access.delete(key, db=self._records)
        self.put(access, generation, (), parts)
        return size

    def sweep(self, access: lmdb.Transaction, left: int) -> None:
        """Deletes so many keys of those that are gone."""
        with access.cursor(db=self._old) as old:
            while left and old.first():
                generation = bytes(old.key())
                for database in (self._steps, self._parts, self._records):
                    with access.cursor(db=database) as cursor:
                        while left and cursor.set_range(generation) and cursor.key()[:8] == generation:
                            cursor.delete()
                            left -= 1
                if left:
                    old.delete()


def _bytes(raw: Any) -> bytes:
    """Of what has to be there."""
    if raw is None:
        raise Unavailable("the shared state has lost a step")
    return bytes(raw)


def below(access: lmdb.Transaction, database: Any, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
    with access.cursor(db=database) as cursor:
        if cursor.set_range(prefix):
            for key, raw in cursor:
                if not bytes(key).startswith(prefix):
                    return
                yield bytes(key), bytes(raw)


def _record_key(write: Write) -> bytes:
    key = f"{write.vendor}\0{write.collection}\0{write.key}".encode("utf-8", "surrogatepass")
    return key if len(key) <= LONGEST_KEY else b"\0" + blake2b(key).digest()
