"""Known deviations: failures that somebody has looked at, owns, and wants to hear of again on a day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from contract_tests.rules import find_rule
from contract_tests.verdicts.verdict import BROKEN, DEVIATIONS, FAILURES, KEPT, Verdict

_SUBJECTS = ("rule", "test")
_KEYS = {*_SUBJECTS, "reason", "owner", "expires"}


class BadDeviations(Exception):
    """What is wrong with the file, in a sentence that names the line."""


@dataclass(frozen=True)
class Deviation:
    """`rule` or `test` is "". A test is an id as verdicts have it; `*` and `?` in it stand for any letters."""

    rule: str
    test: str
    reason: str
    owner: str
    expires: date
    line: int = 0

    @property
    def subject(self) -> str:
        return self.rule or self.test

    def covers(self, test: str, rule: str) -> bool:
        return bool(rule) and rule == self.rule if self.rule else bool(_glob(self.test).fullmatch(test))

    def is_over(self, today: date) -> bool:
        """The day itself still counts."""
        return today > self.expires

    def sentence(self) -> str:
        return f"known deviation: {self.reason} ({self.owner}, until {self.expires.isoformat()})"


def read_deviations(file: Path) -> tuple[Deviation, ...]:
    """Raises BadDeviations."""
    try:
        text = file.read_text("utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise BadDeviations(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadDeviations(f"{file}: is not UTF-8 (byte {error.start})") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadDeviations(f"{file}:{line}: is not YAML: {error.problem}") from None
    except yaml.YAMLError:  # a letter that YAML does not allow has no line
        raise BadDeviations(f"{file}: is not YAML") from None
    try:
        return tuple(_entries(root))
    except _Slip as slip:
        raise BadDeviations(f"{file}:{slip.line}: {slip}") from None


def find_deviation(known: Sequence[Deviation], test: str, rule: str, today: date) -> Deviation | None:
    """The one that makes a failure of this test an expected one."""
    return next((it for it in known if it.covers(test, rule) and not it.is_over(today)), None)


def complaints(known: Sequence[Deviation], verdicts: Sequence[Verdict], today: date) -> Iterator[Verdict]:
    """A failure for each entry that is over, and for each whose tests were judged and all kept."""
    for entry in known:
        outcomes = [it.outcome for it in verdicts if entry.covers(it.id, it.rule.name if it.rule else "")]
        if entry.is_over(today):
            told = "ran out on " + entry.expires.isoformat()
            told += ": look again, then mend the target, or give the entry another day"
        elif KEPT in outcomes and not any(outcome in FAILURES for outcome in outcomes):
            told = "is no deviation any more, its tests pass: take the entry out"
        else:
            continue
        yield Verdict(
            id=f"known deviation {entry.subject}",
            outcome=BROKEN,
            kind=DEVIATIONS,
            expected=entry.sentence(),
            seen=f"line {entry.line} of the file of known deviations {told}",
        )


class _Slip(Exception):
    def __init__(self, node: yaml.Node, sentence: str) -> None:
        super().__init__(sentence)
        self.line = node.start_mark.line + 1


def _entries(root: yaml.Node | None) -> Iterator[Deviation]:
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode):
        raise _Slip(root, "must be a list of entries")
    seen: dict[str, int] = {}
    for node in root.value:
        entry = _entry(node)
        first = seen.setdefault(entry.subject, entry.line)
        if first != entry.line:
            raise _Slip(node, f"{entry.subject} is in the list already, on line {first}")
        yield entry


def _entry(node: yaml.Node) -> Deviation:
    if not isinstance(node, yaml.MappingNode):
        raise _Slip(node, "an entry must have keys: rule or test, reason, owner, expires")
    values: dict[str, str] = {}
    for key, value in node.value:
        name = str(key.value)
        if name not in _KEYS:
            raise _Slip(key, f"{name!r} is no key of an entry; known are {', '.join(sorted(_KEYS))}")
        if name in values:
            raise _Slip(key, f"{name} is there twice")
        if not isinstance(value, yaml.ScalarNode) or not value.value.strip() or value.tag.endswith(":null"):
            raise _Slip(value, f"{name} must be text")
        values[name] = value.value.strip()
    if sum(name in values for name in _SUBJECTS) != 1:
        raise _Slip(node, "an entry needs either rule or test")
    for name in ("reason", "owner", "expires"):
        if name not in values:
            raise _Slip(node, f"{name} is missing")
    if "rule" in values and find_rule(values["rule"]) is None:
        raise _Slip(node, f"there is no rule {values['rule']!r}")
    try:
        expires = date.fromisoformat(values["expires"])
    except ValueError:
        raise _Slip(node, f"expires must be a day such as 2027-01-31, not {values['expires']!r}") from None
    texts: dict[str, Any] = {name: values.get(name, "") for name in (*_SUBJECTS, "reason", "owner")}
    return Deviation(**texts, expires=expires, line=node.start_mark.line + 1)


def _glob(pattern: str) -> re.Pattern[str]:
    """Brackets stand for themselves: ids of parametrized tests have them."""
    letters = {"*": ".*", "?": "."}
    return re.compile("".join(letters.get(letter, re.escape(letter)) for letter in pattern), re.DOTALL)
