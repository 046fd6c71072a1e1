"""`mockserver cleanup`"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from mockserver.commands import options
from mockserver.core.errors import ConfigurationError


@click.command()
@click.argument("ledger", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.option(
    "--deployment",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="YAML: the credentials of the target, instead of CONTRACT_* variables.",
)
@options.option("--ca-file", metavar="FILE", help="Certificates to trust instead of the usual ones.")
@options.option("--rate", metavar="N/s|m|h", help="No faster than this.")
def cleanup(ledger: Path, deployment: Path | None, ca_file: str | None, rate: str | None) -> None:
    """Delete what a run of `mockserver test` has left behind, by its LEDGER.

    Only what stands in the ledger is touched, on the target that it names. Exit code: 0 all gone, 2 a bad file,
    4 something could not be removed.
    """
    options.need_the_suite("cleanup")
    from contract_tests.deployment import Deployment, given_by_file, given_by_variables
    from contract_tests.guard.cleanup import clean
    from contract_tests.guard.ledger import LedgerError
    from contract_tests.guard.redaction import Redactor
    from contract_tests.options import Misuse, read_rate

    try:
        given = given_by_variables(os.environ)
        if deployment is not None:
            given |= given_by_file(deployment, os.environ)
        known = Deployment.of(given)
        done = clean(ledger, known, verify=ca_file, rate=read_rate(rate) or "")
    except (Misuse, LedgerError) as error:
        raise ConfigurationError(str(error)) from None
    redactor = Redactor.of(known)
    click.echo(f"{done.removed} removed, {done.already_gone} gone before, {done.never_made} never made")
    for line in done.kept:
        click.echo(redactor.text(f"kept, as no API removes it: {line}"))
    for line in done.leftovers:
        click.echo(redactor.text(f"left behind: {line}"))
    sys.exit(4 if done.leftovers else 0)
