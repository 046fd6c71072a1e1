"""The suite as a command: pytest, with the suite's own flags and words."""

from __future__ import annotations

import sys
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from contract_tests.flags import FLAGS
from contract_tests.options import Misuse, option_name, read_options

HERE = Path(__file__).resolve().parent
PLUGINS = ("_hypothesis_pytestplugin", "xdist")
AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
# What pytest itself ends with, in our codes: interrupted, internal error, usage, nothing to run.
CODES = {2: 130, 3: 3, 4: 2, 5: 2}


class Ending:
    """Learns how the session ended; what pytest says of itself is told apart from what we say."""

    def __init__(self) -> None:
        self.code: int | None = None
        self.words = ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.code = getattr(session.config, "contract_exit_code", None)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.words = str(excinfo.value)


def run(
    values: Mapping[str, Any],
    *,
    marks: str = "",
    jobs: int = 1,
    more: Sequence[str] = (),
    environment: MutableMapping[str, str],
) -> int:
    """Judges, and returns the exit code. Raises Misuse before anything is sent."""
    read_options(values)
    arguments = [str(HERE), "-c", str(HERE / "pytest.ini"), "--rootdir", str(HERE.parent)]
    arguments += [part for plugin in PLUGINS for part in ("-p", plugin)]
    arguments += [part for flag in FLAGS for part in _as_flag(flag, values.get(option_name(flag)))]
    arguments += ["-m", marks] if marks else []
    arguments += ["-n", str(jobs)] if jobs > 1 else []
    arguments += ["--contract-terminal", *more]
    environment[AUTOLOAD] = "1"  # plugins of other projects in this environment have no say here
    ending = Ending()
    try:
        code = pytest.main(arguments, plugins=[ending])
    finally:
        del environment[AUTOLOAD]
    if ending.words:
        print(f"mockserver: {ending.words}", file=sys.stderr)  # noqa: T201
    if ending.code is not None:
        return ending.code
    return int(code) if ending.words else CODES.get(int(code), int(code))


def _as_flag(flag: str, value: Any) -> list[str]:
    if value is None or value is False or value == ():
        return []
    if value is True:
        return [flag]
    return [f"{flag}={item}" for item in (value if isinstance(value, list | tuple) else (value,))]


__all__ = ["Misuse", "run"]
