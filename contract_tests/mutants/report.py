"""What came of a run over the mutants, in words and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any

from contract_tests.mutants.mutant import CLASSES
from contract_tests.mutants.verdict import ABSENT, BROKE, HUNG, SHADOWED, Judged, Verdict

COLUMNS = ("laws", "model", "concurrency", "schema", SHADOWED)
TITLES = {"schema": "schemathesis", SHADOWED: "and shadow"}


def progress(number: int, total: int, judged: Judged) -> str:
    by = [TITLES.get(verdict.kind, verdict.kind) for verdict in judged.verdicts if verdict.kills]
    if judged.mutant.harmless:
        word = f"FALSE ALARM of {', '.join(by)}" if by else "left in peace"
    else:
        word = f"killed by {', '.join(by)}" if by else "SURVIVED"
    word += ", ERRORS" if judged.broke else ""
    return f"{number:>3}/{total} {judged.mutant.name:<40} {word} ({judged.seconds:.0f} s)"


def lines(judged: Sequence[Judged]) -> Iterator[str]:
    defects = [one for one in judged if not one.mutant.harmless]
    changes = [one for one in judged if one.mutant.harmless]
    yield from _table(defects)
    yield from _section("Survivors", [one for one in defects if not one.killed], _sentence)
    yield from _section("False alarms", [one for one in changes if one.killed], _alarm)
    yield from _section(
        "Errors of the suite or of the catalogue", [one for one in judged if one.broke], _error
    )
    yield from _section("Killed because a test did not end", [one for one in judged if _hung(one)], _sentence)
    killed = sum(one.killed for one in defects)
    alarms = sum(one.killed for one in changes)
    yield ""
    yield f"{killed} of {len(defects)} defects killed, {alarms} false alarms on {len(changes)} harmless changes"
    if judged:
        seconds, cpu = [one.seconds for one in judged], [one.cpu for one in judged]
        yield f"seconds a mutant: median {median(seconds):.1f}, most {max(seconds):.1f}"
        yield f"of CPU: median {median(cpu):.1f}, most {max(cpu):.1f}"


def is_good(judged: Sequence[Judged]) -> bool:
    return all(one.killed != one.mutant.harmless and not one.broke for one in judged)


def as_json(judged: Sequence[Judged], healthy: Sequence[str]) -> dict[str, Any]:
    defects = [one for one in judged if not one.mutant.harmless]
    return {
        "defects": len(defects),
        "killed": sum(one.killed for one in defects),
        "killed_by": {kind: sum(_kills(one, kind) for one in defects) for kind in COLUMNS},
        "survivors": [one.mutant.name for one in defects if not one.killed],
        "harmless": len(judged) - len(defects),
        "false_alarms": [one.mutant.name for one in judged if one.mutant.harmless and one.killed],
        "errors": [one.mutant.name for one in judged if one.broke],
        "healthy_fails": list(healthy),
        "mutants": [_mutant(one) for one in judged],
    }


def _mutant(one: Judged) -> dict[str, Any]:
    return {
        "name": one.mutant.name,
        "class": one.mutant.about,
        "vendors": list(one.mutant.vendors),
        "sentence": one.mutant.sentence,
        "promise": one.mutant.promise,
        "killed": one.killed,
        "seconds": round(one.seconds, 2),
        "cpu": round(one.cpu, 2),
        "verdicts": [
            {
                "kind": verdict.kind,
                "verdict": verdict.verdict,
                "by": verdict.by,
                "message": verdict.message[-2000:],
                "seconds": round(verdict.seconds, 2),
                "cpu": round(verdict.cpu, 2),
            }
            for verdict in one.verdicts
        ],
    }


def _table(defects: Sequence[Judged]) -> Iterator[str]:
    shown = [
        kind for kind in COLUMNS if any(verdict.kind == kind for one in defects for verdict in one.verdicts)
    ]
    titles = [*(TITLES.get(kind, kind) for kind in shown), "any"]
    yield f"{'defects killed by':<20}" + "".join(f"{title:>14}" for title in titles) + f"{'of':>6}"
    groups = [(about, [one for one in defects if one.mutant.about == about]) for about in CLASSES]
    for about, group in (*((about, group) for about, group in groups if group), ("all", list(defects))):
        counts = [_count(group, kind) for kind in shown]
        yield (
            f"{about:<20}"
            + "".join(f"{c:>14}" for c in (*counts, sum(o.killed for o in group)))
            + f"{len(group):>6}"
        )


def _count(group: Sequence[Judged], kind: str) -> str:
    judging = [v for one in group for v in one.verdicts if v.kind == kind and v.verdict != ABSENT]
    return str(sum(_kills(one, kind) for one in group)) if judging else "-"


def _kills(one: Judged, kind: str) -> bool:
    return any(verdict.kind == kind and verdict.kills for verdict in one.verdicts)


def _hung(one: Judged) -> bool:
    return any(verdict.verdict == HUNG for verdict in one.verdicts)


def _section(title: str, found: Sequence[Judged], line: Callable[[Judged], str]) -> Iterator[str]:
    if found:
        yield ""
        yield f"{title} ({len(found)})"
        for one in found:
            yield f"  {line(one)}"


def _sentence(one: Judged) -> str:
    return f"{one.mutant.name} ({one.mutant.about}): {one.mutant.sentence}"


def _alarm(one: Judged) -> str:
    said = next(verdict for verdict in one.verdicts if verdict.kills)
    told = f"{one.mutant.name}: {one.mutant.sentence} {one.mutant.promise}"
    return f"{told}\n    {said.kind}: {said.by}\n    {_last(said)}"


def _error(one: Judged) -> str:
    said = next(verdict for verdict in one.verdicts if verdict.verdict == BROKE)
    return f"{one.mutant.name}, {said.kind}: {_last(said)}"


def _last(verdict: Verdict) -> str:
    return next((line for line in reversed(verdict.message.splitlines()) if line.strip()), "").strip()[:300]
