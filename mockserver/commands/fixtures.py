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
@click.argument("folder", type=options.FOLDER)
def check(folder: Path) -> None:
    """Load the fixtures of every vendor that FOLDER has a folder for, and count their records.

    Exit code: 0 they load, 2 they do not: file, line and key are named.
    """
    from mockserver.core.errors import ConfigurationError
    from mockserver.server.fixtures import count_records

    present = [provider for provider in options.PROVIDERS if (folder / provider).is_dir()]
    if not present:
        raise ConfigurationError(
            f"{folder}: has no folder of a vendor; known are {', '.join(options.PROVIDERS)}"
        )
    slips = 0
    for provider in present:
        try:
            counts = count_records(provider, folder)
        except ConfigurationError as error:
            slips += 1
            click.echo(f"mockserver: {error}", err=True)
            continue
        click.echo(provider)
        width = max(map(len, counts))
        for collection, count in counts.items():
            click.echo(f"  {collection:<{width}}  {count}")
    sys.exit(2 if slips else 0)
