"""The commands. A flag wins over its environment variable, that over the config file, that over the default."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import click

from mockserver import DEFAULT_HOST, DEFAULT_PORT, __version__
from mockserver.commands import cleanup, fixtures, mutants, replay, rules, test
from mockserver.commands.options import PROVIDERS
from mockserver.commands.options import fixtures_option as _fixtures
from mockserver.commands.options import option as _option
from mockserver.commands.options import providers_option as _providers
from mockserver.commands.options import rate_option as _rate
from mockserver.commands.options import seed_option as _seed
from mockserver.commands.options import specs_option as _specs
from mockserver.core.errors import ConfigurationError
from mockserver.core.moments import NoMoment, moment

CONFIG_FILE = "mockserver.toml"


def _control_token(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """An empty token would let everybody in; headers carry no other letters than these."""
    if value is not None and not (value.isascii() and value.isprintable() and value.strip() == value != ""):
        raise click.BadParameter("a token is printable ASCII, and not empty")
    return value


def _base_url(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    url = urlsplit(value or "")
    if value is not None and (
        url.scheme not in ("http", "https")
        or not url.hostname
        or url.query
        or url.username
        or not value.isprintable()
    ):
        raise click.BadParameter(f"{value!r} is no http or https address without credentials and query")
    return value


def _time(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    try:
        return None if value is None else moment(value)
    except NoMoment as error:
        raise click.BadParameter(str(error)) from None


def _read_config(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    """Fills the default map of every command. Raises click.UsageError naming file and key."""
    path = value or Path(CONFIG_FILE)
    if value is None and not path.is_file():
        return
    import tomllib

    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise click.UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from None
    context.default_map = {
        section: dict(_defaults(path, section, values)) for section, values in content.items()
    }


def _defaults(path: Path, section: str, values: Any) -> Iterator[tuple[str, Any]]:
    """One table of the config file; its keys are the command's long flags."""
    commands = _commands()
    if section not in commands or not isinstance(values, dict):
        raise click.UsageError(f"{path}: {section!r} is no command; known are {', '.join(commands)}")
    options = {flag.removeprefix("--"): option for option in commands[section].params for flag in option.opts}
    for key, value in values.items():
        option = options.get(key)
        if option is None:
            raise click.UsageError(f"{path}: [{section}] has an unknown key {key!r}")
        repeatable = getattr(option, "multiple", False) and isinstance(value, str)
        yield option.name or key, [value] if repeatable else value


def _commands() -> Mapping[str, click.Command]:
    return main.commands


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="mockserver")
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="MOCKSERVER_CONFIG",
    callback=_read_config,
    expose_value=False,
    is_eager=True,
    help=f"TOML file with a table of flags for each command.  [default: {CONFIG_FILE}, if there is one]",
)
@click.pass_context
def main(context: click.Context) -> None:
    """A stand-in for the postmortem APIs of incident.io and Grafana OnCall."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@main.command()
@_option("--host", default=DEFAULT_HOST, help="Address to listen on.")
@_option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    help="Port to listen on; 0 picks a free one.",
)
@_providers
@_seed
@_option(
    "--clock",
    metavar="TIME",
    callback=_time,
    help="What the clock of a fresh sandbox shows first; it runs on from there.  [default: now]",
)
@_fixtures
@_option(
    "--state",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Load the default sandbox from there, if it exists, and save it there at a clean stop.",
)
@_specs
@_option(
    "--base-url", callback=_base_url, help="What the mock calls itself in links.  [default: host and port]"
)
@_rate
@_option("--quirks", is_flag=True, help="Answer like the vendors' engines where these have known defects.")
@_option(
    "--check-responses", is_flag=True, help="Answer 500 where an answer breaks the document, not only log it."
)
@_option("--webhook", "webhooks", multiple=True, metavar="URL", help="Send webhooks there; may be repeated.")
@_option("--webhook-secret", help="What those are signed with.  [default: one that is published]")
@_option("--webhook-allow", multiple=True, metavar="HOST", help="Webhooks may go to this host, too.")
@_option(
    "--webhook-retry-scale",
    type=click.FloatRange(0),
    default=1.0,
    help="Multiplies the waits between attempts; 0 retries at once.",
)
@_option(
    "--faults",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="YAML file of fault rules that every sandbox begins with; may be repeated.",
)
@_option(
    "--profile", "profiles", multiple=True, help="A shipped set of fault rules, e.g. flaky; may be repeated."
)
@_option(
    "--allow-prefer", is_flag=True, help="Let requests choose faults: `Prefer: code=503`, `Prefer: wait=2`."
)
@_option("--max-sandboxes", type=click.IntRange(1), default=1000, help="How many sandboxes are kept.")
@_option(
    "--max-bytes",
    type=click.IntRange(1),
    default=1 << 30,
    help="How many bytes of request bodies all sandboxes may have been sent together.",
)
@_option(
    "--journal-entries",
    type=click.IntRange(0),
    default=1000,
    help="How many requests each sandbox remembers; 0 turns that off.",
)
@_option(
    "--journal-bytes",
    type=click.IntRange(0),
    default=16 << 20,
    help="How many bytes of them each sandbox remembers.",
)
@_option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    help="How many processes answer; more than one share their state.",
)
@_option(
    "--store",
    metavar="STORE",
    help="Where they do: lmdb, lmdb:FOLDER to keep it, or redis://HOST:PORT/DB.  [default: in memory]",
)
@_option(
    "--control-token",
    callback=_control_token,
    help="Open /_mock to other machines that send this token in X-Mock-Token.",
)
@_option(
    "--protocol",
    type=click.Choice(["fast", "plain"]),
    default="fast",
    help="`plain` takes every request through the ASGI application: the same answers, slower.",
)
@_option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="warning",
    help="`info` prints a line for every request.",
)
@click.pass_context
def serve(
    context: click.Context,
    /,
    host: str,
    port: int,
    workers: int,
    store: str | None,
    log_level: str,
    **_: Any,
) -> None:
    """Serve the mock until SIGTERM or ctrl-C."""
    from mockserver.core.collecting import uncollected

    with uncollected():
        from mockserver.commands.sharing import sharing_of
        from mockserver.server import serve as serving
        from mockserver.server.app import create_server
        from mockserver.server.flags import settings_of

    serving.configure_logging(log_level)
    listener = serving.listen(host, port)
    sharing = sharing_of(workers, store)
    mock = (create_server if sharing is None else sharing.create)(
        settings_of(context.params, listener.base_url, PROVIDERS)
    )

    def announce() -> None:
        try:
            # In one piece: a script may read the first line and close its end.
            click.echo(f"{listener.base_url}\n{serving.table(mock)}")
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    serve = serving.serve if sharing is None else sharing.serve
    serve(mock, listener, log_level=log_level, announce=announce)


@main.command()
@_providers
@_specs
def routes(providers: tuple[str, ...], specs: Path | None) -> None:
    """Print every operation that is served: method, path, operationId.

    What is marked as canned has no model here: it answers what its document shows.
    """
    from mockserver.providers import REGISTRY
    from mockserver.server.documents import load_document, operations_of

    for provider in providers or PROVIDERS:
        click.echo(provider)
        for path, method, operation in operations_of(load_document(provider, specs)):
            id_ = operation["operationId"]
            mark = "" if id_ in REGISTRY[provider].functions else "  (canned)"
            click.echo(f"  {method.upper():<7} {path}  {id_}{mark}")


main.add_command(replay.replay)
main.add_command(rules.rules)
main.add_command(fixtures.fixtures)
main.add_command(test.test)
main.add_command(cleanup.cleanup)
main.add_command(mutants.mutants)


def run() -> None:
    """The command as installed: what is wrong with a flag or a file is one sentence on stderr and exit code 2."""
    try:
        main(prog_name="mockserver", standalone_mode=False)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        _give_up(error.format_message())
    except ConfigurationError as error:
        _give_up(str(error))


def _give_up(sentence: str) -> NoReturn:
    from mockserver.server.logs import visible

    click.echo("mockserver: " + "\n".join(map(visible, sentence.split("\n"))), err=True)
    sys.exit(2)
