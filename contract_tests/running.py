"""The suite as a command: pytest, with the suite's own flags and words."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from contract_tests.flags import FLAGS
from contract_tests.judging import VERDICTS, Judging
from contract_tests.kinds import KINDS, VENDORS
from contract_tests.options import option_name, read_options
from contract_tests.verdicts.deviations import read_deviations

HERE = Path(__file__).resolve().parent
PLUGINS = ("_hypothesis_pytestplugin", "xdist")
AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
# What pytest itself ends with, in our codes: interrupted, internal error, usage, nothing to run.
CODES = {2: 130, 3: 3, 4: 2, 5: 2}


class Watch:
    """Learns whether an exit code is the suite's own word or pytest's."""

    judged = False

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        verdicts = config.pluginmanager.get_plugin(VERDICTS)
        self.judged = getattr(verdicts, "run", None) is not None


def run(
    values: Mapping[str, Any],
    *,
    kinds: Sequence[str] = (),
    vendors: Sequence[str] = (),
    jobs: int = 1,
    more: Sequence[str] = (),
    environment: MutableMapping[str, str],
) -> int:
    """Judges these kinds of test of these vendors, all if none is named, and returns the exit code.

    Raises Misuse or BadDeviations before anything is sent.
    """
    options = read_options(values)
    Judging(options, environment)
    if options.known is not None:
        read_deviations(options.known)
    arguments = [*_folders(kinds, vendors), "-c", str(HERE / "pytest.ini"), "--rootdir", str(HERE.parent)]
    arguments += [part for plugin in PLUGINS for part in ("-p", plugin)]
    arguments += [part for flag in FLAGS for part in _as_flag(flag, values.get(option_name(flag)))]
    arguments += ["-m", " or ".join(vendors)] if vendors else []
    arguments += ["-n", str(jobs), "--dist", "worksteal"] if jobs > 1 else []
    arguments += ["--contract-terminal", *more]
    environment[AUTOLOAD] = "1"  # plugins of other projects in this environment have no say here
    watch = Watch()
    try:
        code = int(pytest.main(arguments, plugins=[watch]))
    finally:
        del environment[AUTOLOAD]
    return code if watch.judged else CODES.get(code, code)


def _folders(kinds: Sequence[str], vendors: Sequence[str]) -> list[str]:
    """Where the tests of these kinds stand, of all if there are none. What is not asked for is not even imported."""
    places = {kind: [kind] for kind in KINDS} | {"laws": list(vendors or VENDORS)}
    return [str(HERE / place) for kind in kinds or KINDS for place in places[kind]]


def _as_flag(flag: str, value: Any) -> list[str]:
    if value is None or value is False or value == ():
        return []
    if value is True:
        return [flag]
    return [f"{flag}={item}" for item in (value if isinstance(value, list | tuple) else (value,))]
