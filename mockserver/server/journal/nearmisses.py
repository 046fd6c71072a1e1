"""What a request that nothing owns was probably meant to be, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from re import fullmatch
from urllib.parse import unquote

from mockserver.core.provider import Provider
from mockserver.server.documents import operations_of
from mockserver.server.engine import Resource
from mockserver.server.journal.entries import Entry

MOST = 5
# Beyond this a request is like nothing in particular.
FARTHEST = 1.0
# So much farther than the nearest is not what was meant.
WORTH_SAYING = 0.5
LONGEST_SEGMENT = 80
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class NearMiss:
    provider: str
    operation: str
    method: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Route:
    """One path of a document; `operations` are the ids by method, `methods` whatever is answered there."""

    provider: Provider
    path: str
    operations: Mapping[str, str]
    methods: frozenset[str]
    served: bool = True

    @property
    def segments(self) -> list[str]:
        return _segments(self.path)


def routes_of(resources: Iterable[Resource]) -> list[Route]:
    """The paths that are served, by what the router leads to."""
    found: dict[tuple[str, str], Route] = {}
    for resource in resources:
        for compiled in resource.operations.values():
            provider, path = compiled.provider, compiled.operation.path
            operations = {
                method: other.operation.id
                for method, other in resource.operations.items()
                if method in _METHODS
            }
            found[provider.name, path] = Route(provider, path, operations, frozenset(resource.operations))
    return list(found.values())


def routes_elsewhere(provider: Provider, document: Mapping[str, object]) -> list[Route]:
    """The paths of a vendor that this server does not stand in for."""
    found: dict[str, dict[str, str]] = {}
    for path, method, operation in operations_of(document):
        found.setdefault(path, {})[method.upper()] = str(operation.get("operationId", ""))
    return [
        Route(provider, path, operations, frozenset(operations), served=False)
        for path, operations in found.items()
    ]


def near_misses(entry: Entry, routes: Sequence[Route]) -> list[NearMiss]:
    """The best few, the nearest first."""
    asked = _segments(entry.request.path)
    found = []
    for route in routes:
        distance, reasons = _compare(asked, entry, route)
        if distance <= FARTHEST:
            found += [
                (distance, NearMiss(route.provider.name, identity, method, route.path, reasons))
                for method, identity in _meant(route, entry.request.method)
            ]
    found.sort(key=lambda pair: pair[0])
    return [miss for distance, miss in found[:MOST] if distance <= found[0][0] + WORTH_SAYING]


def _meant(route: Route, method: str) -> list[tuple[str, str]]:
    """The operation with that method; all of the path's if there is none."""
    if method in route.operations:
        return [(method, route.operations[method])]
    return list(route.operations.items())


def _compare(asked: list[str], entry: Entry, route: Route) -> tuple[float, str]:
    """How far the request is from the route, and in words how it differs."""
    request = entry.request
    distance, reasons = _nearest(asked, route.segments)
    if distance > FARTHEST:
        return distance, ""
    exact = not reasons
    if request.method not in route.methods:
        distance += 0.0 if exact else 0.4
        reasons.append(f"{'path matches, ' if exact else ''}method {request.method} not allowed")
    if exact:
        for problem in _details(asked, request.path, route):
            distance += 0.1
            reasons.append(problem)
    if not route.served:
        reasons.append(f"this is {route.provider.title}'s path, which is not served here")
        distance += 0.1
    elif route.provider != entry.provider:
        reasons.append(f"this is the other vendor's path: {route.provider.title}'s")
    # A path that matches in everything else is one that somebody else owns.
    return distance, "; ".join(reasons)


def _details(asked: Sequence[str], path: str, route: Route) -> Iterator[str]:
    slashes = path.endswith("/"), route.path.endswith("/")
    if slashes[0] != slashes[1] and not (route.served and route.provider.optional_slash):
        yield f"a slash at the end is {'too much' if slashes[0] else 'missing'}"
    for segment, known in zip(asked, route.segments, strict=True):
        if _is_parameter(known) and not route.provider.may_be_ids([segment]):
            barred = " or ".join(map(repr, route.provider.barred_in_ids))
            yield f"{_said(segment)} cannot be an id: none holds {barred}"


def _nearest(asked: list[str], known: list[str]) -> tuple[float, list[str]]:
    """The two laid side by side, at their beginnings or at their ends, whichever fits better."""
    more = len(asked) - len(known)
    if abs(more) > max(3, min(len(asked), len(known))):
        return FARTHEST * 2, []
    if more == 0:
        return _side_by_side(asked, known, 0)
    if more > 0:
        at_start, at_end = asked[:more], asked[-more:]
        ways = [
            (
                _side_by_side(asked[more:], known, more),
                f"{_path(at_start)} at the beginning is too much",
                0.1,
            ),
            (_side_by_side(asked[:-more], known, 0), f"{_path(at_end)} at the end is too much", 0.15),
        ]
    else:
        at_start, at_end = known[:-more], known[more:]
        ways = [
            (_side_by_side(asked, known[-more:], 0), f"{_path(at_start)} is missing at the beginning", 0.1),
            (_side_by_side(asked, known[:more], 0), f"{_path(at_end)} is missing at the end", 0.15),
        ]
    found = [
        (distance + 0.3 + step * abs(more), [problem, *reasons])
        for (distance, reasons), problem, step in ways
    ]
    return min(found, key=lambda way: way[0])


def _side_by_side(asked: Sequence[str], known: Sequence[str], skipped: int) -> tuple[float, list[str]]:
    distance, reasons, recognised = 0.0, [], False
    for at, (segment, wanted) in enumerate(zip(asked, known, strict=True), start=skipped + 1):
        if _is_parameter(wanted):
            # A path of literals is nearer than one that takes anything in their place.
            distance += 0.01 if segment else 0.3
            if not segment:
                reasons.append(f"segment {at} is empty, wanted is an {wanted[1:-1]}")
            continue
        off = _unlike(segment, wanted)
        # A number of a version tells nothing about what was meant.
        recognised = recognised or (off < 0.5 and not _is_version(wanted) and wanted != "api")
        if off:
            distance += off
            reasons.append(f"segment {at} is {_said(segment)}, known is {_said(wanted)}")
    return (distance if recognised else FARTHEST * 2), reasons


def _unlike(segment: str, known: str) -> float:
    if segment == known:
        return 0.0
    if segment.lower() == known.lower():
        return 0.15
    if _is_version(segment) and _is_version(known):
        return 0.25
    if len(segment) > LONGEST_SEGMENT:
        return 1.4
    begun = len(segment) > 2 and (known.startswith(segment) or segment.startswith(known))
    off = 0.2 + 1.2 * (1 - SequenceMatcher(None, segment.lower(), known.lower()).ratio())
    return min(off, 0.3) if begun else off


def _segments(path: str) -> list[str]:
    """Decoded, without the slashes at both ends."""
    bare = path.removeprefix("/").removesuffix("/")
    return [unquote(segment) for segment in bare.split("/")] if bare else []


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")


def _is_version(segment: str) -> bool:
    return fullmatch(r"v\d+", segment) is not None


def _path(segments: Iterable[str]) -> str:
    return _said("/" + "/".join(segments))


def _said(text: str) -> str:
    return repr(text if len(text) <= LONGEST_SEGMENT else f"{text[:LONGEST_SEGMENT]}…")
