"""What a run is told about its verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from contract_tests.verdicts.deviations import Deviation


@dataclass(frozen=True)
class Settings:
    """`target` is None for a mock of the suite's own. `terminal`: `own` takes the screen over from pytest, `summary`
    adds to what pytest prints, `off` prints nothing.
    """

    target: str | None
    today: date
    fail_on: AbstractSet[str]
    seed: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    known: Sequence[Deviation] = ()
    bundles: Path | None = None
    report_json: Path | None = None
    report_html: Path | None = None
    report_junit: Path | None = None
    terminal: Literal["own", "summary", "off"] = "summary"
