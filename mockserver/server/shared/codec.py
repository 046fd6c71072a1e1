"""Records as bytes, typed by the dataclasses of their tables, and back."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from mockserver.core.provider import Provider

Decode = Callable[[bytes], Any]
Encode = Callable[[Any], bytes]
ENCODER = msgspec.msgpack.Encoder()


class Codec:
    """Of the records of these providers."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        self.encoders: dict[tuple[str, str], Encode] = {}
        self._decoders: dict[tuple[str, str], Decode] = {}
        for provider in providers:
            for collection, kind in {**provider.records, **provider.derived}.items():
                place = provider.name, collection
                self.encoders[place], self._decoders[place] = _ways(kind)

    def encode(self, vendor: str, collection: str, record: Any) -> bytes:
        return self.encoders[vendor, collection](record)

    def decode(self, vendor: str, collection: str, record: bytes) -> Any:
        return self._decoders[vendor, collection](record)


def _ways(kind: type) -> tuple[Encode, Decode]:
    hints = typing.get_type_hints(kind)
    unions = {name: choices for name, hint in hints.items() if len(choices := _dataclasses_of(hint)) > 1}
    if unions:
        return _tagged(kind, unions)
    if any(typing.get_origin(hint) is not None and Any in typing.get_args(hint) for hint in hints.values()):
        # Any JSON has whole numbers of any length, which this form has and the other has not.
        return msgspec.json.Encoder().encode, msgspec.json.Decoder(kind).decode
    return ENCODER.encode, msgspec.msgpack.Decoder(kind).decode


def _dataclasses_of(hint: Any) -> dict[str, type]:
    if typing.get_origin(hint) not in (types.UnionType, typing.Union):
        return {}
    choices: tuple[type, ...] = typing.get_args(hint)
    return {choice.__name__: choice for choice in choices if dataclasses.is_dataclass(choice)}


def _tagged(kind: type, unions: dict[str, dict[str, type]]) -> tuple[Encode, Decode]:
    """A value that is of one of several kinds says of which."""
    names = [field.name for field in dataclasses.fields(kind)]
    plain = msgspec.msgpack.Decoder()

    def encode(record: Any) -> bytes:
        values = {name: getattr(record, name) for name in names}
        for name in unions:
            values[name] = [type(values[name]).__name__, values[name]]
        return ENCODER.encode(values)

    def decode(record: bytes) -> Any:
        values = plain.decode(record)
        for name, choices in unions.items():
            tag, value = values[name]
            values[name] = msgspec.convert(value, choices[tag])
        return kind(**values)

    return encode, decode
