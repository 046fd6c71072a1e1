"""`mockserver replay`"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver.commands import options

if TYPE_CHECKING:
    from mockserver.server.replay.targets import Target


def _named(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE, by name. The sentence for a slip does not quote the value."""
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter("must be NAME=VALUE")
        pairs[name] = value
    return pairs


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options.option(
    "--target", metavar="URL", help="A server that runs.  [default: a fresh mock in this process]"
)
@options.option(
    "--allow-host",
    "allowed_hosts",
    metavar="HOST",
    multiple=True,
    help="A target on this machine is fine; another one has to be named. May be repeated.",
)
@options.option(
    "--only", metavar="GLOB", multiple=True, help="Exchanges of such a name only; may be repeated."
)
@click.option(
    "--credential",
    "given",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_named,
    help="The Authorization for what was recorded as NAME; may be repeated.  "
    "[env var: MOCKSERVER_CREDENTIAL_<NAME>]",
)
@options.providers_option
@options.seed_option
@options.fixtures_option
@options.specs_option
@options.rate_option
@options.json_option
def replay(
    file: Path,
    target: str | None,
    allowed_hosts: tuple[str, ...],
    only: tuple[str, ...],
    given: dict[str, str],
    providers: tuple[str, ...],
    seed: int | None,
    fixtures: Path | None,
    specs: Path | None,
    rate_factor: float | None,
    as_json: bool,
) -> None:
    """Send the recorded exchanges of FILE again, in order, and print where the answers differ.

    --provider, --seed, --fixtures, --specs and --rate-limit are the mock's, for a replay without --target. Exit code: 0
    all match, 1 some differ, 2 a bad file or flag, 3 the target cannot be reached.
    """
    from mockserver.server.replay import report, running
    from mockserver.server.replay.recording import read_recording
    from mockserver.server.replay.targets import Deployment, Unreachable

    exchanges = running.selected(read_recording(file), only)
    credentials = running.credentials(exchanges, given, os.environ)
    sent_to: Target = (
        Deployment(target, allowed_hosts)
        if target is not None
        else _fresh_mock(providers, seed, fixtures, specs, rate_factor)
    )
    results = []
    try:
        for result in running.replay(exchanges, sent_to, credentials):
            results.append(result)
            for line in () if as_json else report.lines(result):
                click.echo(line)
    except Unreachable as error:
        click.echo(f"mockserver: {error}", err=True)
        sys.exit(3)
    finally:
        sent_to.close()
    click.echo(report.as_json(results) if as_json else "\n".join(report.summary(results)))
    sys.exit(1 if any(result.outcome is running.Outcome.DIFFERS for result in results) else 0)


def _fresh_mock(
    providers: tuple[str, ...],
    seed: int | None,
    fixtures: Path | None,
    specs: Path | None,
    rate_factor: float | None,
) -> Target:
    from mockserver.server.app import create_server
    from mockserver.server.replay.targets import InProcess
    from mockserver.server.settings import Settings

    mock = create_server(
        Settings(
            providers=providers or options.PROVIDERS,
            seed=seed,
            specs=specs,
            fixtures=fixtures,
            rate_factor=rate_factor,
        )
    )
    return InProcess(mock.app, mock.settings.base_url)
