"""The suite's command line: what is judged, how far it may go there, and what is left of it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from contract_tests.flags import FLAGS, GRADES

if TYPE_CHECKING:
    import pytest

HIDDEN = "Say it in the words of `mockserver test`, which sets this."
DURATION = {"s": 1.0, "m": 60.0, "h": 3600.0}


class Misuse(ValueError):
    """A flag, variable or file that cannot be meant; the message is the sentence to print."""


@dataclass(frozen=True)
class Options:
    """What the flags say. A target is a base URL without a slash at its end; times are seconds."""

    target: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    write: bool = False
    write_permanent: bool = False
    scopes: tuple[str, ...] = ()
    deployment: Path | None = None
    plan: bool = False
    max_requests: int | None = None
    max_time: float | None = None
    rate: str | None = None  # such as 5/s
    connections: int = 1
    patience: float = 120.0
    answer_timeout: float = 30.0
    ca_file: Path | None = None
    ledger: Path | None = None
    seed: int = 1
    fail_on: tuple[str, ...] | None = None
    known: Path | None = None
    report_json: Path | None = None
    report_html: Path | None = None
    report_junit: Path | None = None
    bundles: Path | None = None
    terminal: bool = False
    told: Mapping[str, str] = field(default_factory=dict)  # the flags as given, for reports

    @property
    def failing_grades(self) -> tuple[str, ...]:
        """On a deployment of somebody else's, what we assume may be our mistake."""
        if self.fail_on is not None:
            return self.fail_on
        return GRADES if self.target is None else ("documented", "observed")


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "judging a deployment")
    for flag, settings in FLAGS.items():
        group.addoption(flag, default=None, **settings)
    group.addoption("--contract-terminal", action="store_true", help=HIDDEN)


def option_name(flag: str) -> str:
    return flag.removeprefix("--").replace("-", "_")


def read_options(values: Mapping[str, Any]) -> Options:
    """From the values of the flags by their names (`max_requests`). Raises Misuse."""

    def given(flag: str) -> Any:
        return values.get(option_name(flag))

    def path(flag: str, *, there: bool = False) -> Path | None:
        value = given(flag)
        if value is None:
            return None
        if there and not Path(value).is_file():
            raise Misuse(f"{flag} {value}: there is no such file")
        return Path(value).absolute()

    defaults = Options()
    options = Options(
        target=_target(given("--target")),
        allowed_hosts=tuple(given("--allow-host") or ()),
        write=bool(given("--write") or given("--write-permanent")),
        write_permanent=bool(given("--write-permanent")),
        scopes=tuple(_scope(scope) for scope in given("--scope") or ()),
        deployment=path("--deployment", there=True),
        plan=bool(given("--plan")),
        max_requests=_number("--max-requests", given("--max-requests"), None),
        max_time=_time("--max-time", given("--max-time"), None),
        rate=read_rate(given("--rate")),
        connections=_number("--connections", given("--connections"), 1) or 1,
        patience=_time("--patience", given("--patience"), defaults.patience) or 0.0,
        answer_timeout=_time("--answer-timeout", given("--answer-timeout"), defaults.answer_timeout) or 0.0,
        ca_file=_certificates(path("--ca-file", there=True)),
        ledger=path("--ledger"),
        seed=_number("--contract-seed", given("--contract-seed"), defaults.seed, least=0) or 0,
        fail_on=_grades(given("--fail-on")),
        known=path("--known", there=True),
        report_json=path("--report-json"),
        report_html=path("--report-html"),
        report_junit=path("--report-junit"),
        bundles=path("--bundles"),
        terminal=bool(given("--contract-terminal")),
        told={flag: _shown(given(flag)) for flag in FLAGS if given(flag) not in (None, False, ())},
    )
    for flag in ("--write", "--plan", "--allow-host", "--deployment", "--scope"):
        if options.target is None and given(flag):
            raise Misuse(f"{flag} is about a target, and there is none")
    return options


def _shown(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _target(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        url = urlsplit(value)
    except ValueError:
        raise Misuse("the target is no http or https address without credentials and query") from None
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment or url.username:
        shown = "" if "@" in value or "?" in value else f" {value!r}"
        raise Misuse(f"the target{shown} is no http or https address without credentials and query")
    return value.rstrip("/")


def _certificates(file: Path | None) -> Path | None:
    if file is not None:
        try:
            ssl.create_default_context().load_verify_locations(file)
        except (OSError, ssl.SSLError):
            raise Misuse(f"--ca-file {file}: holds no certificates") from None
    return file


def _scope(value: str) -> str:
    if not value.startswith("/"):
        raise Misuse(f"--scope {value!r}: a path begins with /")
    return value


def _number(flag: str, value: str | None, default: int | None, least: int = 1) -> int | None:
    if value is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", str(value)) or int(value) < least:
        raise Misuse(f"{flag} {value!r} is no whole number from {least} up")
    return int(value)


def _time(flag: str, value: str | None, default: float | None) -> float | None:
    if value is None:
        return default
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smh]?)", str(value))
    if not found or not float(found[1]):
        raise Misuse(f"{flag} {value!r} is no time such as 90s, 10m, 1h")
    return float(found[1]) * DURATION[found[2] or "s"]


def read_rate(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"0*[1-9][0-9]*/[smhd]", value):
        raise Misuse(f"--rate {value!r} is none such as 5/s, 300/m, 1000/h")
    return value


def _grades(value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    grades = tuple(grade.strip() for grade in value.split(",") if grade.strip())
    unknown = [grade for grade in grades if grade not in (*GRADES, "none")]
    if unknown or not grades:
        raise Misuse(f"--fail-on {value!r}: grades are {', '.join(GRADES)}, or none")
    return tuple(grade for grade in grades if grade != "none")
