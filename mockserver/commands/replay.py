"""`mockserver replay`"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from mockserver.commands import options

if TYPE_CHECKING:
    from mockserver.server.replay.bundles import Bundle
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
@click.argument("file", type=click.Path(path_type=Path))
@options.option(
    "--target",
    metavar="mock|URL",
    help="A server that runs, or a fresh mock in this process.  [default: mock]",
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

    FILE may also be an HTTP Archive (.har), such as a journal's: on a fresh mock, who called there calls again.

    FILE may be a bundle, the folder that a failure of the contract suite leaves: of each of its exchanges it is said
    whether the answer is still the recorded one. Its credentials come from CONTRACT_* variables.

    --provider, --seed, --fixtures, --specs and --rate-limit are the mock's, for a replay without --target; for a
    bundle, it has no rate limits unless told. Exit code: 0 all match, 1 some differ, 2 a bad file or flag, 3 the target
    cannot be reached.
    """
    from mockserver.server.replay import report, running
    from mockserver.server.replay.har import read_har
    from mockserver.server.replay.recording import read_recording
    from mockserver.server.replay.targets import Deployment, Unreachable

    url = None if target == "mock" else target
    bundle, secrets = _bundle(file, given, url) if file.is_dir() else (None, {})
    archive = read_har(file) if bundle is None and file.suffix.lower() == ".har" else None
    recorded = bundle or archive
    exchanges = running.selected(recorded.exchanges if recorded else read_recording(file), only)
    credentials = secrets if bundle else running.credentials(exchanges, given, os.environ)
    if (bundle or (archive and archive.unlimited)) and _is_default("rate_factor"):
        rate_factor = None  # as on the mocks that the suite judges, or on the one that was recorded
    sent_to: Target
    if url is not None:
        sent_to = Deployment(url, allowed_hosts)
    else:
        sent_to, callers = _fresh_mock(providers, seed, fixtures, specs, rate_factor)
        named = {exchange.caller for exchange in exchanges}
        credentials = {name: value for name, value in callers.items() if name in named} | credentials
    lines = report.lines_of_bundle if bundle else report.lines
    results = []
    try:
        for line in bundle.title if bundle and not as_json else ():
            click.echo(report.plain(line))
        for result in running.replay(exchanges, sent_to, credentials):
            results.append(result)
            for line in () if as_json else lines(result):
                click.echo(line)
    except Unreachable as error:
        click.echo(f"mockserver: {error}", err=True)
        sys.exit(3)
    finally:
        sent_to.close()
    if as_json or bundle is None:
        click.echo(report.as_json(results) if as_json else "\n".join(report.summary(results)))
    elif bundle.law(url):
        click.echo(f"the law itself: {report.plain(bundle.law(url))}")
    sys.exit(1 if any(result.outcome is running.Outcome.DIFFERS for result in results) else 0)


def _is_default(parameter: str) -> bool:
    return click.get_current_context().get_parameter_source(parameter) is ParameterSource.DEFAULT


def _bundle(folder: Path, given: Mapping[str, str], url: str | None) -> tuple[Bundle, dict[str, str]]:
    """And its secrets: as given, else from their variables, else, for a mock of our own, those of its fixtures."""
    from mockserver.server.replay import bundles

    secrets = {}
    for mark, variable in bundles.needed_by(folder).items():
        field = mark.strip("<>")
        found = (
            given.get(field) or os.environ.get(variable) or (_of_the_fixtures(field) if url is None else "")
        )
        if found:
            secrets[variable] = found
    return bundles.read_bundle(folder, secrets), secrets


def _of_the_fixtures(field: str) -> str:
    """The credential that the suite uses on a fresh mock; "" where the suite is not installed."""
    try:
        from contract_tests.deployment import Deployment
    except ImportError:
        return ""
    return str(getattr(Deployment(), field, ""))


def _fresh_mock(
    providers: tuple[str, ...],
    seed: int | None,
    fixtures: Path | None,
    specs: Path | None,
    rate_factor: float | None,
) -> tuple[Target, dict[str, str]]:
    """And the Authorization of everybody in its fixtures, by the name that journals give them."""
    from mockserver.server.app import create_server
    from mockserver.server.journal.showing import caller_names
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
    callers = caller_names(mock.providers, mock.sandboxes.default.worlds)
    return InProcess(mock.app, mock.settings.base_url), callers
