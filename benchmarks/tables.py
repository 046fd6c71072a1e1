"""Markdown tables of what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from benchmarks.bursts import section
from benchmarks.results import Results
from benchmarks.work import KINDS

GAP = "–"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def number(value: float | None) -> str:
    """Three figures are all that a run can tell."""
    if value is None:
        return GAP
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.{2 if value < 1 else 1 if value < 10 else 0}f}"


def seconds(value: float | None) -> str:
    return GAP if value is None else f"{value:.2f}"


def ratio(value: float | None) -> str:
    return GAP if value is None else f"{value:.2f}"


def slashed(*values: str) -> str:
    return GAP if set(values) == {GAP} else " / ".join(values)


def contestants(results: Results, names: Sequence[str], does: Mapping[str, str]) -> str:
    """Everybody in one table; each cell of costs is with 32 connections and with one."""
    rows = []
    for name in names:
        costs = [
            slashed(
                *(number(results.median(section(kind, connections), name, "cpu")) for connections in (32, 1))
            )
            for kind in KINDS
        ]
        start = slashed(*(seconds(results.median("start", name, column)) for column in ("wall", "cpu")))
        memory = number(results.median("memory", name, "rss"))
        rows.append([name, does[name], *costs, start, memory])
    head = ["server", "it does", *KINDS, "cold start, s / CPU s", "memory, MB"]
    return table(head, rows)


def rates(results: Results, names: Sequence[str], connections: int) -> str:
    """Requests a second, and the times of the middle and the slowest hundredth in milliseconds."""
    rows = []
    for name in names:
        cells = []
        for kind in KINDS:
            where = section(kind, connections)
            slow = [results.median(where, name, column) for column in ("p50", "p99")]
            times = slashed(*(GAP if value is None else f"{value / 1000:.2f}" for value in slow))
            rate = number(results.median(where, name, "rate"))
            cells.append(GAP if rate == GAP else f"{rate} ({times})")
        rows.append([name, *cells])
    return table([f"{connections} connection{'s' if connections > 1 else ''}", *KINDS], rows)


def costs(results: Results, where: str, head: str, columns: Sequence[str]) -> str:
    """Medians of a section, a row each."""
    rows = [
        [row, *(number(results.median(where, row, column)) for column in columns)]
        for row in results.rows(where)
    ]
    return table([head, *columns], rows)


def growths(results: Results, where: str, head: str, few: str, many: str) -> str:
    rows = [
        [
            row,
            *(number(results.median(where, row, column)) for column in ("few", "many")),
            ratio(results.growth(where, row)),
        ]
        for row in results.rows(where)
    ]
    return table([head, few, many, "ratio"], rows)


def starts(results: Results, show: Callable[[float | None], str] = seconds) -> str:
    rows = [
        [row, *(show(results.median("start", row, column)) for column in ("wall", "cpu"))]
        for row in results.rows("start")
    ]
    return table(["start to the first 2xx, or the end", "seconds", "CPU seconds"], rows)
