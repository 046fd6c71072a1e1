"""Flags, and what several commands share of them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from mockserver.core.errors import ConfigurationError

PROVIDERS = ("incident-io", "grafana-oncall")
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FOLDER_OR_FILE = click.Path(exists=True, path_type=Path)
Command = TypeVar("Command", bound=Callable[..., Any])


SUITE = ("pytest", "hypothesis", "schemathesis", "openapi_core")


def need_the_suite(command: str) -> None:
    """Raises ConfigurationError if what the contract suite stands on is not installed."""
    missing = [name for name in SUITE if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"`mockserver {command}` needs {', '.join(missing)}: pip install 'postmortem-mockserver[test]'"
        )


def option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """A flag that an environment variable of its name can give, too."""
    variable = "MOCKSERVER_" + names[0].removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=variable, show_default=settings.get("default") is not None, **settings)


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


providers_option = option(
    "--provider",
    "providers",
    type=click.Choice(PROVIDERS),
    multiple=True,
    help="Serve this vendor only; may be repeated.  [default: both]",
)
specs_option = option("--specs", type=FOLDER, help="Folder of documents, instead of those shipped.")
fixtures_option = option(
    "--fixtures",
    type=FOLDER_OR_FILE,
    help="Folder of fixtures, or a file like an exported state, instead of those shipped.",
)
seed_option = option(
    "--seed", type=int, help="Ids and times repeat from run to run: same requests, same bytes."
)
rate_option = option(
    "--rate-limit",
    "rate_factor",
    metavar="on|off|FACTOR",
    callback=_rate_factor,
    default="on",
    help="The vendors' rate limits, or a multiple of them.",
)
json_option = option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
