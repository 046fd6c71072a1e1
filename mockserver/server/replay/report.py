"""Results of a replay, for a person and for a program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.server.replay.comparing import ABSENT, Difference
from mockserver.server.replay.running import Outcome, Result

WIDEST = 160
_LEAD = 24


@dataclass(slots=True)
class Tally:
    """`of` counts what was compared; what was skipped is not among it."""

    matched: int = 0
    of: int = 0
    skipped: int = 0

    def count(self, outcome: Outcome) -> None:
        self.skipped += outcome is Outcome.SKIPPED
        self.of += outcome is not Outcome.SKIPPED
        self.matched += outcome is Outcome.MATCHED


def tallies(results: Iterable[Result]) -> tuple[Tally, Mapping[str, Tally]]:
    """All together, and by group in the order of the recording."""
    everything, groups = Tally(), dict[str, Tally]()
    for result in results:
        everything.count(result.outcome)
        groups.setdefault(result.group, Tally()).count(result.outcome)
    return everything, groups


def lines(result: Result) -> Iterator[str]:
    """A diff; nothing for what matched."""
    title = f"{result.name} (line {result.exchange.line}): {_cut(result.sent, 0)}"
    if result.outcome is Outcome.SKIPPED:
        yield f"skipped {title}"
        yield "  its body was not recorded, only its size"
    elif result.outcome is Outcome.DIFFERS:
        yield f"differs {title}"
        for difference in result.differences:
            expected, seen = _excerpts(difference)
            yield f"  {plain(difference.place)}"
            yield f"    expected {expected}"
            yield f"    seen     {seen}"


def lines_of_bundle(result: Result) -> Iterator[str]:
    """The same in the words of a bundle, which knows what was recorded and not what is right; matches, too."""
    outcome = "as recorded" if result.outcome is Outcome.MATCHED else result.outcome.value
    status = result.exchange.response.status
    yield f"{outcome:<11}  {result.name:>3}  {_cut(result.sent, 0)}{f'  {status}' if status else ''}"
    if result.outcome is Outcome.SKIPPED:
        sent = result.exchange.request.body.recorded
        yield f"{'':<18}{'no whole answer to compare with' if sent else 'cannot be sent again'}"
    for difference in result.differences:
        recorded, now = _excerpts(difference)
        yield f"{'':<18}{plain(difference.place)}"
        yield f"{'':<20}recorded {recorded}"
        yield f"{'':<20}now      {now}"


def summary(results: Sequence[Result]) -> Iterator[str]:
    everything, groups = tallies(results)
    width = max((len(group) for group in groups), default=0)
    for group, tally in groups.items():
        yield f"{plain(group):<{width}}  {_counted(tally)}"
    yield f"matched {_counted(everything)}"


def as_json(results: Sequence[Result]) -> str:
    everything, groups = tallies(results)
    return json.dumps(
        {
            **_numbers(everything),
            "groups": {group: _numbers(tally) for group, tally in groups.items()},
            "exchanges": [
                {
                    "name": result.name,
                    "line": result.exchange.line,
                    "request": result.sent,
                    "outcome": result.outcome.value,
                    "differences": [_difference(difference) for difference in result.differences],
                }
                for result in results
            ],
        },
        indent=2,
    )


def _counted(tally: Tally) -> str:
    skipped = f" ({tally.skipped} skipped)" if tally.skipped else ""
    return f"{tally.matched} of {tally.of}{skipped}"


def _numbers(tally: Tally) -> dict[str, int]:
    return {"matched": tally.matched, "of": tally.of, "skipped": tally.skipped}


def _difference(difference: Difference) -> dict[str, Any]:
    """A side that has nothing at the place is left out."""
    sides = {"expected": difference.expected, "seen": difference.seen}
    return {
        "place": difference.place,
        **{side: value for side, value in sides.items() if value is not ABSENT},
    }


def _excerpts(difference: Difference) -> tuple[str, str]:
    """Both sides, cut to where they begin to differ if they are long."""
    one, other = _spelled(difference.expected), _spelled(difference.seen)
    start = 0
    if max(len(one), len(other)) > WIDEST:
        common = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
        start = max(0, common - _LEAD)
    return _cut(one, start), _cut(other, start)


def _spelled(value: object) -> str:
    return "nothing" if value is ABSENT else json.dumps(value, ensure_ascii=False)


def _cut(text: str, start: int) -> str:
    kept = text[start : start + WIDEST]
    before, after = "…" if start else "", "…" if start + WIDEST < len(text) else ""
    return f"{before}{plain(kept)}{after}"


def plain(text: str) -> str:
    """Nothing that a terminal would act upon."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )
