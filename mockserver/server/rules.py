"""The rules that the mock keeps: what a vendor's API does, how sure that is, and who says so."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from mockserver.core.errors import ConfigurationError
from mockserver.server import plainyaml
from mockserver.server.documents import folder_of

WIDTH = 100
_KEYS = ("id", "rule", "grade", "source")


@dataclass(frozen=True, slots=True)
class Rule:
    provider: str
    id: str
    rule: str
    grade: str
    source: str

    def as_json(self) -> dict[str, str]:
        return {"provider": self.provider, **{key: getattr(self, key) for key in _KEYS}}


def load_rules(provider: str, specs: Path | None = None) -> list[Rule]:
    """Those beside the document that is served, else those that are shipped, in the order of the file.

    Raises ConfigurationError.
    """
    file = folder_of(provider, specs) / "rules.yaml"
    if not file.is_file():
        file = folder_of(provider) / "rules.yaml"
    content = plainyaml.load(file)
    entries = content.get("rules") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise ConfigurationError(f"{file}: must hold a list called rules")
    return [_rule(file, provider, at, entry) for at, entry in enumerate(entries)]


def _rule(file: Path, provider: str, at: int, entry: object) -> Rule:
    values = [entry.get(key) if isinstance(entry, dict) else None for key in _KEYS]
    for key, value in zip(_KEYS, values, strict=True):
        if not isinstance(value, str):
            raise ConfigurationError(f"{file}: rules[{at}].{key}: must be text")
    return Rule(provider, *map(str, values))


def lines(rules: Sequence[Rule]) -> Iterator[str]:
    """For a person: vendor by vendor, and how many of which grade."""
    for provider, group in groupby(rules, key=lambda rule: rule.provider):
        yield provider
        for rule in group:
            yield f"  {rule.id} ({rule.grade})"
            yield from _wrapped(rule.rule)
            yield from _wrapped(f"Source: {rule.source}")
    grades = Counter(rule.grade for rule in rules)
    counted = ", ".join(f"{count} {grade}" for grade, count in grades.most_common())
    yield f"{len(rules)} rules: {counted}" if rules else "0 rules"


def _wrapped(text: str) -> list[str]:
    """No word is broken: a path or a piece of JSON stays as it is."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent="    ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
