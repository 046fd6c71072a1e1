"""What the guard has to know of a vendor: its operations, and how what was made is named, found and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["read", "create", "change", "delete", "unknown"]


@dataclass(frozen=True)
class Operation:
    method: str
    template: str
    name: str  # its operationId
    kind: Kind = "read"
    resource: str = ""
    # Of a create: the member of the answer that holds the new record, "" for the answer itself; the path that deletes
    # it, "" if no API can; and the member of the body that names what it becomes a part of.
    wrapped: str = ""
    removed_at: str = ""
    part_of: str = ""
    parent: str = ""  # resource of that
    # Whether no API can take back what it does.
    lasting: bool = False


@dataclass(frozen=True)
class Listing:
    """How to look for a record whose create was never answered."""

    path: str
    filter: str  # parameter that takes the id of what the record is a part of
    results: str  # member of the answer
    text: str  # member of the record that the run has written
    size: Mapping[str, str]
    after: str  # parameter that takes the last id of a page; "" if pages have numbers


@dataclass(frozen=True)
class Vendor:
    name: str
    paths: tuple[str, ...]  # how all of its paths begin
    operations: tuple[Operation, ...]
    listings: Mapping[str, Listing]  # by resource
    not_found: bytes  # body of its 404
    credential: str  # field of Deployment that may do most
    scheme: str  # before the credential in the header Authorization
    dead: Mapping[str, str]  # members that a record has which is deleted and still shown
