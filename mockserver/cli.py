"""The commands. A flag wins over its environment variable, that over the config file, that over the default."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from mockserver import __version__
from mockserver.core.errors import ConfigurationError

PROVIDERS = ("incident-io", "grafana-oncall")
CONFIG_FILE = "mockserver.toml"
Command = TypeVar("Command", bound=Callable[..., Any])


def _rate_factor(context: click.Context, parameter: click.Parameter, value: str) -> float | None:
    """`on`, `off`, or a factor that multiplies the vendors' limits; None stands for off."""
    if value in ("on", "off"):
        return 1.0 if value == "on" else None
    try:
        factor = float(value)
    except ValueError:
        factor = 0.0
    if not 0 < factor < float("inf"):
        raise click.BadParameter(f"{value!r} is neither on, off nor a number above 0")
    return factor


def _read_config(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    """Fills the default map of every command. Raises click.UsageError naming file and key."""
    path = value or Path(CONFIG_FILE)
    if value is None and not path.is_file():
        return
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
    names = {
        flag.removeprefix("--"): option.name for option in commands[section].params for flag in option.opts
    }
    for key, value in values.items():
        name = names.get(key)
        if name is None:
            raise click.UsageError(f"{path}: [{section}] has an unknown key {key!r}")
        yield name, value


def _commands() -> Mapping[str, click.Command]:
    return main.commands


def _option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    variable = "MOCKSERVER_" + names[0].removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=variable, show_default=settings.get("default") is not None, **settings)


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_providers = _option(
    "--provider",
    "providers",
    type=click.Choice(PROVIDERS),
    multiple=True,
    help="Serve this vendor only; may be repeated.  [default: both]",
)
_specs = _option("--specs", type=_FOLDER, help="Folder of documents, instead of those shipped.")


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
@_option("--host", default="127.0.0.1", help="Address to listen on.")
@_option("--port", type=click.IntRange(0, 65535), default=4010, help="Port to listen on; 0 picks a free one.")
@_providers
@_option("--seed", type=int, help="Ids and times repeat from run to run: same requests, same bytes.")
@_option("--fixtures", type=_FOLDER, help="Folder of fixtures, instead of those shipped.")
@_specs
@_option("--base-url", help="What the mock calls itself in links.  [default: host and port]")
@_option(
    "--rate-limit",
    "rate_factor",
    metavar="on|off|FACTOR",
    callback=_rate_factor,
    default="on",
    help="The vendors' rate limits, or a multiple of them.",
)
@_option("--quirks", is_flag=True, help="Answer like the vendors' engines where these have known defects.")
@_option("--check-responses", is_flag=True, help="Hold every answer against the document; a breach is a 500.")
@_option("--control-token", help="Open /_mock to other machines that send this token in X-Mock-Token.")
@_option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="warning",
    help="`info` prints a line for every request.",
)
def serve(
    host: str,
    port: int,
    providers: tuple[str, ...],
    seed: int | None,
    fixtures: Path | None,
    specs: Path | None,
    base_url: str | None,
    rate_factor: float | None,
    quirks: bool,
    check_responses: bool,
    control_token: str | None,
    log_level: str,
) -> None:
    """Serve the mock until SIGTERM or ctrl-C."""
    from mockserver.server import serve as serving
    from mockserver.server.app import create_server
    from mockserver.server.settings import Settings

    serving.configure_logging(log_level)
    listener = serving.listen(host, port)
    mock = create_server(
        Settings(
            providers=providers or PROVIDERS,
            base_url=(base_url or listener.base_url).rstrip("/"),
            seed=seed,
            specs=specs,
            fixtures=fixtures,
            rate_factor=rate_factor,
            quirks=quirks,
            check_responses=check_responses,
            control_token=control_token,
        )
    )

    def announce() -> None:
        click.echo(listener.base_url)
        click.echo(serving.table(mock))
        sys.stdout.flush()

    serving.serve(mock, listener, log_level=log_level, announce=announce)


@main.command()
@_providers
@_specs
def routes(providers: tuple[str, ...], specs: Path | None) -> None:
    """Print every operation that is served: method, path, operationId."""
    from mockserver.server.documents import load_document

    for provider in providers or PROVIDERS:
        click.echo(provider)
        for path, item in load_document(provider, specs)["paths"].items():
            for method, operation in item.items():
                if isinstance(operation, dict) and "operationId" in operation:
                    click.echo(f"  {method.upper():<7} {path}  {operation['operationId']}")


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
    click.echo(f"mockserver: {sentence}", err=True)
    sys.exit(2)
