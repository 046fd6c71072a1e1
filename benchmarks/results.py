"""What was measured, kept so that everything else is arithmetic: values by section, row and column, in rounds."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of all does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def paired_ratio(values: Sequence[float], bases: Sequence[float]) -> float:
    """The median of the rounds' own ratios, so that what disturbs a whole round disturbs both sides of it.

    Raises ValueError where the rounds do not match.
    """
    return median(value / base for value, base in zip(values, bases, strict=True))


@dataclass
class Results:
    """`values[section, row, column]` has one number for each round, in the order of the rounds."""

    values: dict[tuple[str, str, str], list[float]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    def add(self, section: str, row: str, column: str, value: float) -> None:
        self.values.setdefault((section, row, column), []).append(value)

    def median(self, section: str, row: str, column: str) -> float | None:
        found = self.values.get((section, row, column))
        return median(found) if found else None

    def ratio(self, section: str, column: str, row: str, base: str) -> float | None:
        """How many times the base's value the row's is; None where one of them was not measured."""
        values, bases = (self.values.get((section, name, column)) for name in (row, base))
        return paired_ratio(values, bases) if values and bases else None

    def growth(self, section: str, row: str) -> float | None:
        """How many times as much the row costs with many as with few."""
        few, many = (self.values.get((section, row, column)) for column in ("few", "many"))
        return paired_ratio(many, few) if few and many else None

    def take(self, other: Results) -> None:
        """What was measured in another process, too."""
        self.values.update(other.values)
        self.missing.update(other.missing)
        self.facts.update(other.facts)

    def rows(self, section: str) -> list[str]:
        """In the order in which they were first measured."""
        return list(dict.fromkeys(row for where, row, _ in self.values if where == section))

    def save(self, path: Path) -> None:
        rows = [[*key, *values] for key, values in self.values.items()]
        path.write_text(json.dumps({"values": rows, "missing": self.missing, "facts": self.facts}, indent=0))

    @classmethod
    def load(cls, path: Path) -> Results:
        kept = json.loads(path.read_text())
        values = {(row[0], row[1], row[2]): row[3:] for row in kept["values"]}
        return cls(values, kept["missing"], kept["facts"])


def least(values: Iterable[float | None]) -> float | None:
    """None unless every one of them is there: the least of some would flatter."""
    known = list(values)
    whole = [value for value in known if value is not None]
    return min(whole) if whole and len(whole) == len(known) else None


def most(values: Iterable[float | None]) -> float | None:
    known = list(values)
    whole = [value for value in known if value is not None]
    return max(whole) if whole and len(whole) == len(known) else None
