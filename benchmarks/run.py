"""`make bench`: every contestant on the same work, the goals held against it, one page and one chart.

make bench                        everything; writes docs/benchmarks.md and docs/benchmarks.svg
make bench ARGS="--quick"         a look: few short bursts, written to benchmarks/.latest/
make bench ARGS="--only ours,prism,bursts"    some contestants, some of start, bursts, in-process, growth
make bench ARGS="--render"        page and chart again from the last full run, without measuring
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import bursts, page, starting
from benchmarks.arena import READY, NotTheWork, Server, fill_and_check, launch
from benchmarks.commands import ROOT, Setting, Unavailable
from benchmarks.contestants import CONTESTANTS, Contestant
from benchmarks.goals import verdicts
from benchmarks.plan import FULL, QUICK, Plan
from benchmarks.processes import environment, unwind_on_signals
from benchmarks.results import Results
from benchmarks.setting import prepare

SECTIONS = ("start", "bursts", "in-process", "growth")
DOCS, LATEST = ROOT / "docs", ROOT / "benchmarks" / ".latest"
KEPT = "results.json"
# Seconds that a section in a process of its own may take.
PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Selection:
    contestants: tuple[Contestant, ...]
    sections: tuple[str, ...]


def select(names: Collection[str]) -> Selection:
    """Contestants by key and sections by name; none of a sort means all of it. Raises ValueError for other names."""
    known = {each.key: each for each in CONTESTANTS}
    for name in names:
        if name not in known and name not in SECTIONS:
            raise ValueError(f"{name!r} is none of {', '.join((*known, *SECTIONS))}")
    chosen = tuple(each for each in CONTESTANTS if each.key in names)
    sections = tuple(each for each in SECTIONS if each in names)
    return Selection(chosen or CONTESTANTS, sections or SECTIONS)


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {words}", file=sys.stderr, flush=True)


def measure(chosen: Selection, plan: Plan, seed: int) -> Results:
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        setting = prepare(Path(folder))
        results.facts.update(page.facts(setting.node))
        results.facts.update(
            rounds=str(plan.rounds), burst=f"{plan.burst:g}", settle=str(plan.settle), seed=str(seed)
        )
        if "start" in chosen.sections:
            say("cold starts")
            starting.measure(chosen.contestants, setting, plan, results)
        if "bursts" in chosen.sections:
            burst(chosen.contestants, setting, plan, results, random.Random(seed))
        inner = [str(plan.inner_rounds), f"{plan.batch:g}"]
        if "in-process" in chosen.sections:
            say("without a socket")
            take(results, "inprocess", [*inner, str(setting.document)], setting.folder)
        if "growth" in chosen.sections:
            say("growth")
            sizes = [str(plan.many_records), str(plan.many_sandboxes)]
            take(results, "growth", [*inner, *sizes], setting.folder)
    return results


def burst(
    contestants: Sequence[Contestant],
    setting: Setting,
    plan: Plan,
    results: Results,
    order: random.Random,
) -> None:
    """Raises NotTheWork."""
    servers: list[Server] = []
    loader = bursts.Loader()
    try:
        for contestant in contestants:
            try:
                server, _ = launch(contestant, setting, READY)
            except Unavailable as why:
                results.missing[contestant.name] = str(why)
                say(f"{contestant.name}: not measured, because {why}")
                continue
            servers.append(server)
            fill_and_check(server)
        say(f"{len(servers)} servers up; warming them")
        bursts.settle(loader, servers, plan, results)
        say(f"{plan.rounds} rounds")
        bursts.measure(loader, servers, plan, results, order)
    finally:
        loader.close()
        for server in servers:
            server.stop()


def take(results: Results, module: str, arguments: Sequence[str], folder: Path) -> None:
    """A section that is measured in a process of its own. Raises NotTheWork."""
    kept = folder / f"{module}.json"
    try:
        subprocess.run(
            [sys.executable, "-m", f"benchmarks.{module}", *arguments, str(kept)],
            check=True,
            cwd=ROOT,
            env=environment(),
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise NotTheWork(f"{module}: not at its end after {PATIENCE:g} s") from None
    results.take(Results.load(kept))


def write(results: Results, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "benchmarks.md").write_text(page.page(results), "utf-8")
    drawn = page.drawn(results)
    if drawn is not None:
        (folder / "benchmarks.svg").write_text(drawn, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", metavar="NAME,…")
    parser.add_argument("--render", action="store_true")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--out", type=Path, help="folder of page and chart")
    given = parser.parse_args()
    whole = not given.quick and not given.only
    if given.render:
        write(Results.load(LATEST / KEPT), given.out or DOCS)
        return
    unwind_on_signals()
    try:
        chosen = select([name for name in given.only.split(",") if name])
        results = measure(chosen, QUICK if given.quick else FULL, given.seed)
    except (ValueError, NotTheWork) as problem:
        sys.exit(f"bench: {problem}")
    results.facts["quick"] = "yes" if given.quick else "no"
    LATEST.mkdir(exist_ok=True)
    results.save(LATEST / (KEPT if whole else f"partial-{KEPT}"))
    folder = given.out or (DOCS if whole else LATEST)
    write(results, folder)
    for each in verdicts(results):
        print(f"{each.word:<12}  {each.goal}: {each.figure}")
    print(f"\nwritten to {folder}")


if __name__ == "__main__":
    main()
