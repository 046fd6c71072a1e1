"""A run as JUnit XML, a suite for each kind of test: the dialect of Jenkins' schema, which most readers share.

It knows properties of suites alone. Those of a test stand in its output, as `[[PROPERTY|name=value]]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from contract_tests.verdicts import wording
from contract_tests.verdicts.terminal import kinds
from contract_tests.verdicts.verdict import (
    ASSUMED,
    BROKEN,
    EXPECTED,
    INCONCLUSIVE,
    KEPT,
    NOT_JUDGED,
    Run,
    Verdict,
)

# `pytest.xfail` is how pytest itself writes a failure that was foreseen.
_SKIPS = {
    ASSUMED: "pytest.xfail",
    EXPECTED: "pytest.xfail",
    NOT_JUDGED: "pytest.skip",
    INCONCLUSIVE: "pytest.skip",
}


def write_junit(run: Run, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(junit(run))


def junit(run: Run) -> bytes:
    root = ET.Element("testsuites", {"name": "contract", **_counts(run.verdicts)})
    for kind in kinds(run):
        mine = [verdict for verdict in run.verdicts if verdict.kind == kind]
        suite = ET.SubElement(
            root,
            "testsuite",
            {
                "name": kind or "other",
                **_counts(mine),
                "skipped": str(sum(verdict.outcome in _SKIPS for verdict in mine)),
                "timestamp": run.started.partition("+")[0],
                "hostname": _host(run.target),
            },
        )
        _properties(suite, [("target", run.target or "mock"), ("seed", str(run.seed))])
        for verdict in mine:
            _case(suite, verdict)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _case(suite: ET.Element, verdict: Verdict) -> None:
    path, _, name = verdict.id.partition("::")
    names = {"classname": path.removesuffix(".py").replace("/", "."), "name": name or path}
    case = ET.SubElement(
        suite,
        "testcase",
        {**{key: _xml(value) for key, value in names.items()}, "time": f"{verdict.seconds:.3f}"},
    )
    rule = verdict.rule
    if verdict.outcome == BROKEN:
        told_in_short = f"{rule.name} ({rule.grade}): {verdict.seen}" if rule else verdict.seen
        failure = ET.SubElement(
            case, "failure", {"message": _xml(wording.line(told_in_short, 500)), "type": "broken"}
        )
        failure.text = _xml(_text(verdict))
    elif verdict.outcome != KEPT:
        ET.SubElement(
            case,
            "skipped",
            {
                "type": _SKIPS[verdict.outcome],
                "message": _xml(f"{verdict.outcome.replace('-', ' ')}: {verdict.reason}"),
            },
        )

    ET.SubElement(case, "system-out").text = _xml("\n".join(_told(verdict)))


def _told(verdict: Verdict) -> Iterator[str]:
    rule = verdict.rule
    pairs = [("verdict", verdict.outcome)]
    pairs += [("rule", rule.name), ("grade", rule.grade), ("source", rule.source)] if rule else []
    pairs += [("bundle", verdict.bundle)] if verdict.bundle else []
    yield from (f"[[PROPERTY|{name}={wording.line(value)}]]" for name, value in pairs)


def _text(verdict: Verdict) -> str:
    rows = [verdict.rule.rule, f"Source: {verdict.rule.source}"] if verdict.rule else []
    rows += [f"Expected: {verdict.expected}"] if verdict.expected else []
    rows += [f"Seen: {verdict.seen}", "", verdict.detail]
    return "\n".join(rows)


def _properties(of: ET.Element, pairs: Iterable[tuple[str, str]]) -> None:
    properties = ET.SubElement(of, "properties")
    for name, value in pairs:
        ET.SubElement(properties, "property", {"name": name, "value": _xml(value)})


def _counts(verdicts: Sequence[Verdict]) -> dict[str, str]:
    failures = sum(verdict.outcome == BROKEN for verdict in verdicts)
    return {
        "tests": str(len(verdicts)),
        "failures": str(failures),
        "errors": "0",
        "time": f"{sum(verdict.seconds for verdict in verdicts):.3f}",
    }


def _host(target: str) -> str:
    return _xml(target.partition("://")[2].partition("/")[0]) or "localhost"


def _xml(text: str) -> str:
    """Without what XML 1.0 cannot hold, not even escaped."""
    return "".join(
        letter if letter not in "\ufffe\uffff" else "\\u" + f"{ord(letter):04x}"
        for letter in wording.block(text, 20_000)
    )
