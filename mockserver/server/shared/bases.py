"""A sandbox's records as differences from the fresh world, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mockserver.core.provider import Provider
from mockserver.core.sandbox import Services, World, WorldState, state_of
from mockserver.server.shared.codec import Codec
from mockserver.server.shared.log import Write


class Bases:
    """`fresh` are the worlds that every process begins with."""

    def __init__(self, providers: Sequence[Provider], fresh: Mapping[str, WorldState], codec: Codec) -> None:
        self._providers = providers
        self._fresh = fresh
        self._codec = codec

    def is_fresh(self, vendor: str, collection: str, key: str) -> bool:
        """Whether the fresh world has such a record."""
        return key in self._fresh[vendor].tables[collection].records

    def differences(self, worlds: Mapping[str, World]) -> Iterator[Write]:
        for vendor, world in worlds.items():
            fresh = self._fresh[vendor].tables
            for collection, table in world.store.snapshot().items():
                known = fresh[collection]
                for key, record in table.records.items():
                    sequence = table.entries[key][1]
                    there = known.records.get(key)
                    if there is not None and there == record and known.entries[key][1] == sequence:
                        continue
                    told = self._codec.encode(vendor, collection, record)
                    yield Write(vendor, collection, key, sequence, told)
                for key in known.records.keys() - table.records.keys():
                    yield Write(vendor, collection, key, 0, None)

    def worlds(self, writes: Sequence[Write], handed_in: Services) -> dict[str, WorldState]:
        """The services are needed for building alone."""
        by_vendor: dict[str, list[Write]] = {}
        for write in writes:
            by_vendor.setdefault(write.vendor, []).append(write)
        worlds = dict(self._fresh)
        for provider in self._providers:
            if provider.name in by_vendor:
                worlds[provider.name] = self._world(provider, by_vendor[provider.name], handed_in)
        return worlds

    def _world(self, provider: Provider, writes: Sequence[Write], handed_in: Services) -> WorldState:
        """Record by record: where one stands may depend on another that is not as in the fresh world."""
        world = provider.build({}, handed_in)
        fresh = self._fresh[provider.name].tables
        for collection, table in world.store.tables.items():
            known = fresh[collection]
            records = {key: (known.entries[key][1], record) for key, record in known.records.items()}
            for write in writes:
                if write.collection != collection:
                    continue
                if write.record is None:
                    records.pop(write.key, None)
                else:
                    told = self._codec.decode(provider.name, collection, write.record)
                    records[write.key] = write.sequence, told
            for sequence, record in sorted(records.values(), key=lambda placed: placed[0]):
                table.put(record, sequence)
        world.store.take_changes()
        return state_of(world)
