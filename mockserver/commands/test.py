"""`mockserver test`"""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from contract_tests.flags import FLAGS
from contract_tests.kinds import KINDS
from mockserver.commands import options
from mockserver.core.errors import ConfigurationError


def _flags(command: Any) -> Any:
    """The suite's own flags; the target is the argument."""
    for flag, settings in reversed(list(FLAGS.items())):
        if flag == "--target":
            continue
        action = settings.get("action")
        names = ("--seed", "contract_seed") if flag == "--contract-seed" else (flag,)
        command = options.option(
            *names,
            is_flag=action == "store_true",
            multiple=action == "append",
            metavar=settings.get("metavar"),
            help=settings["help"],
        )(command)
    return command


@click.command()
@click.argument("url", required=False)
@options.option(
    "--provider",
    "providers",
    type=click.Choice(options.PROVIDERS),
    multiple=True,
    help="Judge this vendor only; may be repeated.  [default: both, or whom the target's credentials are of]",
)
@options.option(
    "--kind",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    help="This kind of test only; may be repeated.  [default: all four]",
)
@_flags
@click.option("--jobs", "-n", metavar="N", type=click.IntRange(1), default=1, help="Processes, on the mock.")
@click.option(
    "-k", "expression", metavar="EXPRESSION", help="Only tests whose names match, as pytest's -k has it."
)
@click.option("-x", "first", is_flag=True, help="Stop at the first failure.")
def test(
    url: str | None,
    providers: tuple[str, ...],
    kinds: tuple[str, ...],
    jobs: int,
    expression: str | None,
    first: bool,
    **values: Any,
) -> None:
    """Judge the mock, or with URL a real deployment, by laws, schema, model and concurrency.

    Nothing is changed at URL without --write, and then only what this run has made. What else pytest can
    be told, it reads from PYTEST_ADDOPTS.

    Exit code: 0 fine, 1 contract failures, 2 a bad flag, file or credential, 3 the target cannot be reached or judged,
    4 something created there could not be removed.
    """
    options.need_the_suite("test")
    from contract_tests.options import Misuse
    from contract_tests.running import run
    from contract_tests.verdicts.deviations import BadDeviations

    try:
        code = run(
            {**values, "target": url},
            kinds=kinds,
            vendors=[provider.replace("-", "_") for provider in providers],
            jobs=jobs,
            more=[*(["-k", expression] if expression else []), *(["-x"] if first else [])],
            environment=os.environ,
        )
    except (Misuse, BadDeviations) as misuse:
        raise ConfigurationError(str(misuse)) from None
    sys.exit(code)
