"""The page of a run: verdicts, tables, method, machine."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import chart, tables
from benchmarks.bursts import section
from benchmarks.commands import MODULES
from benchmarks.contestants import CONTESTANTS, OURS, Contestant
from benchmarks.goals import verdicts
from benchmarks.results import Results
from benchmarks.work import PAGE, STORED

METHOD = Path(__file__).parent / "method.md"
# Written by hand: which goals are not met, why, and what was tried.
SHORTFALLS = Path(__file__).parent / "shortfalls.md"
PACKAGES = (
    "@stoplight/prism-cli",
    "openapi-backend",
    "wiremock",
    "@scalar/mock-server",
    "@mockoon/cli",
    "json-server",
)
TITLE = "CPU a request, 32 connections"


def does(contestant: Contestant) -> str:
    """In a few words."""
    words = ["checks the key" if contestant.bearer else "", "validates" if contestant.validates else ""]
    words.append("keeps state" if contestant.stateful or contestant.key == "json-server" else "fixed answers")
    return ", ".join(filter(None, words))


def facts(node: str | None) -> dict[str, str]:
    """The machine and the versions, in plain words."""
    found = {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": str(os.cpu_count()),
        "system": platform.system(),
        "Python": platform.python_version(),
        "node": _first_line([node, "--version"]).removeprefix("v") if node else "none",
        "java": _first_line(["java", "-version"]).partition('"')[2].partition('"')[0] or "none",
    }
    for package in ("connexion", "uvicorn", "uvloop", "httpx"):
        found[package] = version(package)
    for package in PACKAGES:
        found[package] = _npm_version(package)
    return found


def _first_line(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "none"
    return (done.stdout or done.stderr).split("\n", 1)[0]


def _npm_version(package: str) -> str:
    path = MODULES / package / "package.json"
    return str(json.loads(path.read_text())["version"]) if path.is_file() else "none"


def costs(results: Results, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """For the chart: those that were measured."""
    found: dict[str, dict[str, float]] = {}
    for name in names:
        for kind in chart.SHAPES:
            value = results.median(section(kind, 32), name, "cpu")
            if value is not None:
                found.setdefault(name, {})[kind] = value
    return found


def drawn(results: Results) -> str | None:
    """The chart, if there is anything to show."""
    found = costs(results, [each.name for each in CONTESTANTS])
    if not found:
        return None
    subtitle = f"whole process tree, median of the rounds, {results.facts.get('date', '')}"
    return chart.chart(found, TITLE, subtitle, OURS)


def page(results: Results) -> str:
    measured = [each for each in CONTESTANTS if results.median("memory", each.name, "rss") is not None]
    names = [each.name for each in measured]
    words = {each.name: does(each) for each in measured}
    shortfalls = SHORTFALLS.read_text("utf-8").strip() if SHORTFALLS.is_file() else ""
    parts = [
        "# Benchmarks",
        _opening(results.facts),
        "## Goals and figures",
        "\n".join(f"- **{each.word}** {each.goal}: {each.figure}." for each in verdicts(results)),
        shortfalls,
        "## Everybody on the same work",
        f"Microseconds of CPU a request with 32 connections / with one. LIST is {PAGE} of {STORED} or more.",
        tables.contestants(results, names, words),
        _missing(results.missing),
        "![CPU a request of every contestant](benchmarks.svg)" if names else "",
        "Requests a second, and in brackets the median and the slowest hundredth of the times in milliseconds.",
        tables.rates(results, names, 32),
        tables.rates(results, names, 1),
        _section(results, "start", "## Start", tables.starts(results)),
        _section(
            results,
            "in-process",
            "## Without a socket\n\nMicroseconds of CPU a request, client included.",
            tables.costs(results, "in-process", "", ("POST", "GET")),
        ),
        _section(
            results,
            "calls",
            "## Python functions called for one request",
            tables.costs(results, "calls", "", ("POST", "GET")),
        ),
        _growth(results),
        _method(results.facts),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(known: Mapping[str, str]) -> str:
    quick = known.get("quick") == "yes"
    run = f"`make bench` on {known.get('date', '')}"
    run += ", a quick run on a busy machine: a look, no measure" if quick else ""
    return f"{run}. That command writes this page and its chart. Trust ratios; absolute times are this machine's."


def _missing(missing: Mapping[str, str]) -> str:
    return "\n".join(f"- Not measured: {name}, because {why}." for name, why in missing.items())


def _section(results: Results, where: str, head: str, body: str) -> str:
    return f"{head}\n\n{body}" if results.rows(where) else ""


def _growth(results: Results) -> str:
    known = results.facts
    parts = [
        _section(
            results,
            "records",
            "A page of 25, and 25 that match a filter, in the engine:",
            tables.growths(results, "records", "records", "100", f"{int(known.get('records', '0')):,}"),
        ),
        _section(
            results,
            "operations",
            "Operations in the document; `found` is the router alone:",
            tables.growths(results, "operations", "operations", "6", "337"),
        ),
        _section(
            results,
            "sandboxes",
            "The same request to one sandbox, and to many in turn:",
            tables.growths(results, "sandboxes", "sandboxes", "1", f"{int(known.get('sandboxes', '0')):,}"),
        ),
    ]
    found = "\n\n".join(part for part in parts if part)
    return f"## Growth\n\nMicroseconds of CPU.\n\n{found}" if found else ""


def _method(known: Mapping[str, str]) -> str:
    versions = ", ".join(f"{name} {known[name]}" for name in known if name not in FACTS_OF_THE_RUN)
    said = {name: known.get(name, "?") for name in ("rounds", "burst", "settle", "cores", "system")}
    return METHOD.read_text("utf-8").strip().format(page=PAGE, stored=STORED, versions=versions, **said)


FACTS_OF_THE_RUN = frozenset(
    ("date", "cores", "system", "quick", "rounds", "burst", "settle", "records", "sandboxes", "seed")
)
