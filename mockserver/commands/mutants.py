"""`mockserver mutants`"""

from __future__ import annotations

import json
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import click

from contract_tests.kinds import KINDS
from mockserver.commands import options

if TYPE_CHECKING:
    from contract_tests.mutants.mutant import Mutant
    from contract_tests.mutants.run import Settings


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--class", "classes", multiple=True, metavar="CLASS", help="Of this class only; may be repeated."
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(KINDS),
    help="This kind of test only; may be repeated.  [default: all]",
)
@click.option("--sample", type=click.IntRange(1), help="So many of them, drawn by lot.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the lot.")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="How many at a time.")
@click.option(
    "--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the outcome there, too."
)
@click.option("--list", "only_list", is_flag=True, help="Print the mutants, and do nothing.")
@click.option(
    "--of",
    "command",
    default="",
    metavar="COMMAND",
    help="What starts the server; it takes the flags of `mockserver serve`.  [default: that]",
)
@click.option("--select", "-k", default="", metavar="EXPRESSION", help="Only tests that fit, as pytest's -k.")
@click.option("--examples", type=click.IntRange(1), default=8, show_default=True, help="How much is fuzzed.")
@click.option(
    "--until-killed", is_flag=True, help="Leave the other kinds of test out once one has killed it."
)
@click.option(
    "--healthy/--no-healthy",
    default=True,
    show_default=True,
    help="Begin with a server that nothing is wrong with; what it fails counts for nothing.",
)
def mutants(
    names: tuple[str, ...],
    classes: tuple[str, ...],
    kinds: tuple[str, ...],
    sample: int | None,
    seed: int,
    jobs: int,
    file: Path | None,
    only_list: bool,
    command: str,
    select: str,
    examples: int,
    until_killed: bool,
    healthy: bool,
) -> None:
    """Run the suite against servers that are wrong in one way each, and tell which of them it finds.

    NAMES are names of mutants or patterns such as 'oncall-note-*'; without any, all. Exit code: 0 every defect is
    killed and no harmless change is, 1 otherwise, 2 a bad flag.
    """
    options.need_the_suite("mutants")
    chosen = _chosen(names, classes, sample, seed)
    if only_list:
        for mutant in chosen:
            click.echo(f"{mutant.name:<42} {mutant.about:<18} {mutant.sentence}")
        return
    from contract_tests.mutants import report, run

    settings = run.Settings(kinds or KINDS, jobs, command, select, examples, until_killed)
    failing = _failing(chosen, settings) if healthy else []
    judged = []
    for one in run.judge(chosen, settings, failing):
        judged.append(one)
        click.echo(report.progress(len(judged), len(chosen), one))
    click.echo("\n" + "\n".join(report.lines(judged)))
    if file is not None:
        file.write_text(json.dumps(report.as_json(judged, failing), indent=2, ensure_ascii=False), "utf-8")
    sys.exit(0 if report.is_good(judged) and not failing else 1)


def _chosen(names: tuple[str, ...], classes: tuple[str, ...], sample: int | None, seed: int) -> list[Mutant]:
    from contract_tests.mutants.catalogue import MUTANTS
    from contract_tests.mutants.mutant import NONE

    unknown = set(classes) - {mutant.about for mutant in MUTANTS.values()}
    if unknown:
        raise click.UsageError(f"there is no class {', '.join(sorted(unknown))}")
    found = [
        mutant
        for mutant in MUTANTS.values()
        if (not classes or mutant.about in classes)
        and (any(fnmatchcase(mutant.name, name) for name in names) if names else mutant is not NONE)
    ]
    if not found:
        raise click.UsageError("no mutant is called so; --list prints them all")
    return found if sample is None else Random(seed).sample(found, min(sample, len(found)))  # noqa: S311


def _failing(chosen: list[Mutant], settings: Settings) -> list[str]:
    """The tests that a healthy server fails."""
    from contract_tests.mutants import run, verdict

    failing: list[str] = []
    for job, said, outcome in run.healthy(chosen, settings):
        place = "as a deployment" if job.on_target else "as a mock"
        tests = sorted({test for test, _ in (*outcome.failures, *outcome.errors)}) if outcome else []
        for one in said:
            if one.kind != verdict.SHADOWED:
                word = "FAILS" if one.kills else "fine"
                click.echo(f"healthy {job.vendor}, {one.kind}, {place}: {word} ({one.seconds:.0f} s)")
        for test in tests:
            click.echo(f"  fails, and counts for nothing: {test}")
        failing += tests
    return failing
