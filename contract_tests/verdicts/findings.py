"""What the end of a test says: its outcome, what was expected and what was seen."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contract_tests.kinds import KINDS, VENDORS
from contract_tests.rules import Rule, find_rule
from contract_tests.verdicts import wording
from contract_tests.verdicts.evidence import Redact
from contract_tests.verdicts.verdict import ASSUMED, BROKEN, EXPECTED, INCONCLUSIVE, KEPT, NOT_JUDGED

_NAME = r"[a-z-]+(?:/[a-z-]+)?(?:\.[a-z0-9-]+)+"
_COMPLAINT = re.compile(rf"(?:^|\s)({_NAME}(?:, {_NAME})*): ")
_PACKAGE = "contract_tests"
_PYTEST = frozenset(["_pytest", "pluggy", "xdist"])
_SHORT = 400
WORST_FIRST = (BROKEN, ASSUMED, EXPECTED, INCONCLUSIVE, NOT_JUDGED, KEPT)
_LEAD = 40


@dataclass(frozen=True)
class Finding:
    """How one phase of a test ended. `in_the_law` tells a law that failed from a test that could not be set up."""

    outcome: str
    expected: str = ""
    seen: str = ""
    reason: str = ""
    detail: str = ""
    in_the_law: bool = False


@dataclass(frozen=True)
class Compared:
    """The last comparison of a test that did not hold."""

    operator: str
    left: Any
    right: Any

    def expected_and_seen(self, redact: Redact) -> tuple[str, str]:
        """A law compares what it saw with what it expects, in this order."""
        left, right = redact(repr(self.left)), redact(repr(self.right))
        if self.operator in ("in", "not in"):
            if isinstance(self.right, tuple | set | frozenset):
                return f"{'one' if self.operator == 'in' else 'none'} of {_cut(right)}", _cut(left)
            return f"{_cut(left)} {self.operator} what was seen", _cut(right)
        if self.operator in ("==", "is"):
            return _apart(right, left)
        return f"{self.operator} {_cut(right)}", _cut(left)


def of_report(
    report: pytest.TestReport,
    raised: pytest.ExceptionInfo[BaseException] | None,
    compared: Compared | None,
    redact: Redact,
) -> Finding:
    """Texts are redacted before they are cut."""
    if report.outcome == "passed":
        return Finding(KEPT)
    if report.outcome == "skipped":
        return _skipped(report, redact)
    text = redact(_traceback(raised) if raised else report.longreprtext)
    expected, seen = "", wording.first_line(text, _SHORT)
    if raised and raised.errisinstance(AssertionError) and compared is not None:
        expected, seen = compared.expected_and_seen(redact)
    elif raised:
        seen = wording.line(redact(_said(raised.value)), _SHORT)
    if report.when != "call":
        seen = f"({report.when}) {seen}"
    return Finding(
        BROKEN, expected, seen, detail=wording.block(text, 12_000), in_the_law=report.when == "call"
    )


def worse(one: Finding | None, other: Finding) -> Finding:
    """Of two phases of a test, the one to tell."""
    if one is None:
        return other
    return min(one, other, key=lambda finding: WORST_FIRST.index(finding.outcome))


def _skipped(report: pytest.TestReport, redact: Redact) -> Finding:
    if hasattr(report, "wasxfail"):  # marked by the test itself
        return Finding(NOT_JUDGED, reason=wording.line(redact(report.wasxfail) or "expected to fail"))
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    reason = redact(reason).removeprefix("Skipped: ")
    for outcome in (INCONCLUSIVE, NOT_JUDGED):
        prefix = outcome.replace("-", " ") + ": "
        if reason.startswith(prefix):
            return Finding(outcome, reason=wording.line(reason.removeprefix(prefix)))
    return Finding(NOT_JUDGED, reason=wording.line(reason))


def name_of(nodeid: str) -> str:
    """The same wherever the suite is installed: from the folder contract_tests on, if the test is in there."""
    path, colons, rest = nodeid.partition("::")
    parts = Path(path).parts
    if is_of_the_suite(nodeid):
        path = "/".join(parts[len(parts) - 1 - parts[::-1].index(_PACKAGE) :])
    return wording.line(f"{path}{colons}{rest}", 300)


def is_of_the_suite(nodeid: str) -> bool:
    return _PACKAGE in Path(nodeid.partition("::")[0]).parts


def rule_of(item: pytest.Item) -> Rule | None:
    mark = item.get_closest_marker("law")
    return find_rule(mark.args[0]) if mark and mark.args else None


def rule_told(text: str, provider: str, fail_on: Collection[str]) -> Rule | None:
    """The rule that a model complains of: `list.page.size, list.order: count is 3, not 2`, on any line.

    Of several, the first whose grade is to fail; else the first.
    """
    named = [
        rule
        for complaint in _COMPLAINT.finditer(text)
        for name in complaint[1].split(", ")
        if (rule := find_rule(f"{provider}/{name.removeprefix(f'{provider}/')}"))
    ]
    return next((rule for rule in named if rule.grade in fail_on), named[0] if named else None)


def kind_of(item: pytest.Item) -> str:
    return next((kind for kind in KINDS if item.get_closest_marker(kind)), "laws" if rule_of(item) else "")


def provider_of(item: pytest.Item) -> str:
    vendor = next((vendor for vendor in VENDORS if item.get_closest_marker(vendor)), "")
    rule = rule_of(item)
    return vendor.replace("_", "-") or (rule.name.partition("/")[0] if rule else "")


def is_a_warning(finding: Finding, rule: Rule | None, fail_on: Collection[str]) -> bool:
    return finding.outcome == BROKEN and finding.in_the_law and rule is not None and rule.grade not in fail_on


def _traceback(raised: pytest.ExceptionInfo[BaseException]) -> str:
    """Without pytest's part of the way and that of hooks, and without arguments."""

    def of_the_test(told: pytest.ExceptionInfo[BaseException]) -> Any:
        return told.traceback.filter(
            lambda entry: not (_PYTEST & set(Path(entry.path).parts) or entry.name.startswith("pytest_"))
        )

    return str(raised.getrepr(style="short", chain=False, tbfilter=of_the_test))


def _said(error: BaseException) -> str:
    """The error's own words, the first lines of them; of several errors, of each."""
    if isinstance(error, BaseExceptionGroup):
        told = "; ".join(_said(one) for one in error.exceptions[:3])
        return f"{wording.counted(len(error.exceptions), 'finding')}: {told}"
    words = " ".join(part.strip() for part in str(error).splitlines()[:4] if part.strip())
    name = "" if isinstance(error, AssertionError | pytest.fail.Exception) else f"{type(error).__name__}: "
    return f"{name}{words}"


def _apart(expected: str, seen: str) -> tuple[str, str]:
    """Both, cut to where they begin to differ if they are long."""
    start = 0
    if max(len(expected), len(seen)) > _SHORT:
        pairs = zip(expected, seen, strict=False)
        common = next((at for at, (one, other) in enumerate(pairs) if one != other), 0)
        start = max(0, common - _LEAD)
    return _cut(expected, start), _cut(seen, start)


def _cut(text: str, start: int = 0) -> str:
    return ("…" if start else "") + wording.line(text[start:], _SHORT)
