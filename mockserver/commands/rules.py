"""`mockserver rules`"""

from __future__ import annotations

import json
from pathlib import Path

import click

from mockserver.commands import options

GRADES = ("documented", "observed", "assumed")


@click.command()
@options.option(
    "--provider",
    "providers",
    type=click.Choice(options.PROVIDERS),
    multiple=True,
    help="This vendor's rules only; may be repeated.  [default: both]",
)
@options.option(
    "--grade", "grades", type=click.Choice(GRADES), multiple=True, help="Only these; may be repeated."
)
@options.specs_option
@options.json_option
def rules(providers: tuple[str, ...], grades: tuple[str, ...], specs: Path | None, as_json: bool) -> None:
    """Print what the mock does, rule by rule: id, grade, sentence, source.

    documented: the vendor says so. observed: a real deployment was seen doing it. assumed: a best guess.
    """
    from mockserver.server import rules as rulebook

    found = [
        rule
        for provider in providers or options.PROVIDERS
        for rule in rulebook.load_rules(provider, specs)
        if not grades or rule.grade in grades
    ]
    if as_json:
        click.echo(json.dumps([rule.as_json() for rule in found], indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(rulebook.lines(found)))
