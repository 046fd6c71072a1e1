"""Which operations answered what, and which kinds of test saw it."""

from __future__ import annotations

from collections.abc import Sequence

from contract_tests.kinds import KINDS
from contract_tests.verdicts import wording
from contract_tests.verdicts.html.markup import Markup, joined, tag
from contract_tests.verdicts.verdict import Covered, Operation, Run


def section(run: Run) -> Markup:
    """Nothing where no exchange was recorded."""
    if not run.coverage:
        return joined()
    providers = {it.provider for it in run.operations} | {it.provider for it in run.coverage}
    elsewhere = sum(cell.count for cell in run.coverage if not cell.provider)
    return tag(
        "section",
        tag("h2", "Coverage"),
        _legend(),
        [_table(run, provider) for provider in sorted(providers - {""})],
        tag("p", f"{wording.counted(elsewhere, 'request')} went to paths of no vendor.", class_="quiet")
        if elsewhere
        else None,
        id="coverage",
    )


def _legend() -> Markup:
    return tag(
        "p",
        "How often an operation answered a status, and in which kinds of test: ",
        [joined(_squares({kind}), " ", kind, " ") for kind in KINDS],
        class_="legend quiet",
    )


def _table(run: Run, provider: str) -> Markup:
    mine = [cell for cell in run.coverage if cell.provider == provider]
    statuses = sorted({cell.status for cell in mine}, key=lambda status: status or 1000)
    operations = [it for it in run.operations if it.provider == provider]
    asked = {(cell.method, cell.path) for cell in mine}
    covered = sum((it.method, it.path) in asked for it in operations)
    rows = [_row(it, mine, statuses) for it in operations]
    if any(not cell.path for cell in mine):
        rows.append(_row(None, mine, statuses))
    heads = [tag("th", str(status) if status else "none", scope="col") for status in statuses]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", tag("b", provider), f" {covered} of {len(operations)} operations"),
            tag("thead", tag("tr", tag("th", "Operation", scope="col"), heads)),
            tag("tbody", rows),
            class_="matrix",
        ),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=f"Coverage of {provider}",
    )


def _row(operation: Operation | None, cells: Sequence[Covered], statuses: Sequence[int]) -> Markup:
    """None stands for everything that no document declares."""
    method, path = (operation.method, operation.path) if operation else ("", "")
    mine = [cell for cell in cells if (cell.method, cell.path) == (method, path)]
    name = joined(tag("b", method), " ", tag("code", path)) if operation else tag("i", "undeclared")
    return tag(
        "tr",
        tag("th", name, None if mine else tag("span", "never asked", class_="never"), scope="row"),
        [_cell([cell for cell in mine if cell.status == status]) for status in statuses],
    )


def _cell(cells: Sequence[Covered]) -> Markup:
    if not cells:
        return tag("td")
    counts: dict[str, int] = {}
    for cell in cells:
        counts[cell.kind] = counts.get(cell.kind, 0) + cell.count
    told = ", ".join(f"{kind or 'other'} {count:,}" for kind, count in counts.items())
    return tag(
        "td",
        tag("span", sum(counts.values()), class_="count"),
        _squares(set(counts)),
        title=told,
        aria_label=told,
    )


def _squares(kinds: set[str]) -> Markup:
    """One place for each kind, filled where it is among them."""
    return tag(
        "span",
        [tag("i", class_=f"k {kind}" if kind in kinds else "k") for kind in KINDS],
        class_="squares",
        aria_hidden="true",
    )
