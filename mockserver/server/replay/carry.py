"""What a replay has learned so far: which id of the target stands for which of the recording."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from mockserver.server.replay.volatile import Part, Shapes


class Carry:
    """`vocabulary` holds every id of the recording: an answer that shows one of them shows that very object, so no
    other id of the recording can stand for it. (Else a list in the wrong order would match.)"""

    def __init__(self, shapes: Shapes, vocabulary: AbstractSet[str] = frozenset()) -> None:
        self.shapes = shapes
        self._vocabulary = vocabulary
        self._live: dict[str, str] = {}
        self._recorded: dict[str, str] = {}
        self._recorded_base: str | None = None
        self._sent_times: set[str] = set()
        self._answered_times: set[str] = set()

    def fork(self) -> Carry:
        """A copy to try things on: what it learns is forgotten with it."""
        other = Carry(self.shapes, self._vocabulary)
        other._live, other._recorded = dict(self._live), dict(self._recorded)
        other._recorded_base = self._recorded_base
        other._sent_times, other._answered_times = set(self._sent_times), set(self._answered_times)
        return other

    def outgoing(self, text: str) -> str:
        """A part of a request with the target's ids in place of the recording's.

        What goes out as it was recorded has to come back so: an id that is not known yet stands for itself from now
        on, and a time that no answer brought is not volatile.
        """
        parts = self.shapes.parts(text)
        for part in parts:
            if part.kind == "id":
                self._bind(part.text, part.text)
            elif part.kind == "time" and part.text not in self._answered_times:
                self._sent_times.add(part.text)
        return "".join(self._translated(part) for part in parts)

    def translated(self, text: str) -> str:
        """The same for showing: nothing is learned from it."""
        return "".join(self._translated(part) for part in self.shapes.parts(text))

    def same(self, expected: str, seen: str) -> bool:
        """Whether the two texts say the same; ids that come to stand for each other are remembered."""
        left, right = self.shapes.parts(expected), self.shapes.parts(seen)
        if len(left) != len(right):
            return False
        pairs = list(zip(left, right, strict=True))
        if any(one.kind != other.kind for one, other in pairs):
            return False
        if any(one.text != other.text for one, other in pairs if one.kind == "literal"):
            return False
        return all(self._same_part(one.kind, one.text, other.text) for one, other in pairs)

    def _same_part(self, kind: str, expected: str, seen: str) -> bool:
        if kind == "id":
            return self._bind(expected, seen)
        if kind == "time":
            return self._same_time(expected, seen)
        if kind == "base":
            return self._same_base(expected, seen)
        return True

    def _bind(self, recorded: str, live: str) -> bool:
        """Makes the one stand for the other, if nothing speaks against it; whether it does then."""
        known = self._live.get(recorded)
        if known is not None:
            return known == live
        if live in self._recorded or (live != recorded and live in self._vocabulary):
            return False
        self._live[recorded], self._recorded[live] = live, recorded
        return True

    def _same_time(self, expected: str, seen: str) -> bool:
        if expected in self._sent_times:
            return expected == seen
        self._answered_times.add(expected)
        return True

    def _same_base(self, expected: str, seen: str) -> bool:
        if seen != self.shapes.base_url:
            return expected == seen and expected != self._recorded_base
        if expected != seen:
            self._recorded_base = self._recorded_base or expected
        return expected in (seen, self._recorded_base)

    def _translated(self, part: Part) -> str:
        return self._live.get(part.text, part.text) if part.kind == "id" else part.text
