"""`mockserver fixtures`"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mockserver.commands import options


@click.group(invoke_without_command=True)
@click.pass_context
def fixtures(context: click.Context) -> None:
    """Worlds that a person wrote."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@fixtures.command()
@click.argument("fixtures", type=options.FOLDER_OR_FILE)
def check(fixtures: Path) -> None:
    """Load FIXTURES, and count the records of every vendor in them.

    FIXTURES is a folder that has a folder for each vendor, or a file like an exported state.

    Exit code: 0 they load, 2 they do not: file, line and key are named.
    """
    from mockserver.core.errors import ConfigurationError
    from mockserver.providers import REGISTRY
    from mockserver.server.fixtures import counts_of, load_fixtures
    from mockserver.server.state.reading import load_state

    if fixtures.is_dir():
        present = [name for name in options.PROVIDERS if (fixtures / name).is_dir()]
    else:
        loaded = load_state(fixtures).fixtures
        present = [name for name in options.PROVIDERS if name in loaded]
    if not present:
        has = "a folder" if fixtures.is_dir() else "the records"
        raise ConfigurationError(
            f"{fixtures}: does not have {has} of a vendor; known are {', '.join(options.PROVIDERS)}"
        )
    slips = 0
    for name in present:
        try:
            found = load_fixtures(REGISTRY[name], fixtures) if fixtures.is_dir() else loaded[name]
            counts = counts_of(found)
        except ConfigurationError as error:
            slips += 1
            click.echo(f"mockserver: {error}", err=True)
            continue
        click.echo(name)
        width = max(map(len, counts))
        for collection, count in counts.items():
            click.echo(f"  {collection:<{width}}  {count}")
    sys.exit(2 if slips else 0)
