"""Where a run's reports go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from contract_tests.verdicts import bundle, junit, terminal, written
from contract_tests.verdicts.html.page import write_page
from contract_tests.verdicts.verdict import Run, Verdict

if TYPE_CHECKING:
    from contract_tests.verdicts.plugin import Settings


def bundled(verdict: Verdict, settings: Settings) -> Verdict:
    """The verdict with its bundle, which is written; without one if that cannot be."""
    if settings.bundles is None:
        return verdict
    try:
        folder = bundle.write_bundle(
            verdict, settings.bundles, target=settings.target, seed=settings.seed, options=settings.options
        )
    except OSError as error:
        return replace(verdict, bundle=f"(cannot be written: {error.strerror})")
    return replace(verdict, bundle=str(folder))


def write(run: Run, settings: Settings) -> Iterator[str]:
    """Writes the files that were asked for; says which of them could not be written."""
    wanted: list[tuple[Path | None, Callable[[Run, Path], None]]] = [
        (settings.report_json, written.write_json),
        (settings.report_junit, junit.write_junit),
        (settings.report_html, write_page),
    ]
    for path, writer in wanted:
        if path is not None:
            try:
                writer(run, path)
            except OSError as error:
                yield f"{path}: cannot be written: {error.strerror}"


def print_run(run: Run, out: TextIO) -> None:
    for line in terminal.lines(run):
        out.write(f"{line}\n")
    out.flush()
