from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_tests.options import Misuse, Options, read_options


def test_without_flags_the_mock_is_judged_by_every_grade() -> None:
    options = read_options({})
    assert options == Options()
    assert options.failing_grades == ("documented", "observed", "assumed")


def test_on_a_target_what_is_assumed_warns() -> None:
    assert read_options({"target": "http://127.0.0.1:1"}).failing_grades == ("documented", "observed")
    assert read_options({"target": "http://127.0.0.1:1", "fail_on": "assumed"}).failing_grades == ("assumed",)
    assert read_options({"fail_on": "none"}).failing_grades == ()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("max_time", "90", 90.0),
        ("max_time", "1.5m", 90.0),
        ("max_time", "2h", 7200.0),
        ("patience", "10s", 10.0),
        ("max_requests", "12", 12),
        ("connections", "4", 4),
        ("contract_seed", "0", 0),
    ],
)
def test_a_number_is_read_with_its_unit(name: str, text: str, value: float) -> None:
    field = "seed" if name == "contract_seed" else name
    assert getattr(read_options({name: text}), field) == value


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"target": "example.org"}, "no http or https address"),
        ({"target": "https://name:hidden@example.org"}, "without credentials"),
        ({"target": "https://example.org/?key=hidden"}, "and query"),
        ({"max_requests": "0"}, "--max-requests '0' is no whole number from 1 up"),
        ({"max_requests": "many"}, "no whole number"),
        ({"max_time": "0s"}, "--max-time '0s' is no time"),
        ({"max_time": "5 minutes"}, "90s, 10m, 1h"),
        ({"rate": "5"}, "--rate '5' is none such as 5/s"),
        ({"fail_on": "guessed"}, "documented, observed, assumed, or none"),
        ({"fail_on": ","}, "--fail-on"),
        ({"known": "nowhere.yaml"}, "--known nowhere.yaml: there is no such file"),
        ({"scope": ["v1"], "target": "http://127.0.0.1"}, "a path begins with /"),
        ({"write": True}, "--write is about a target, and there is none"),
        ({"plan": True}, "--plan is about a target"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Misuse) as caught:
        read_options(values)
    assert sentence in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_permanent_writing_is_writing() -> None:
    options = read_options({"target": "http://127.0.0.1/", "write_permanent": True})
    assert (options.write, options.write_permanent, options.target) == (True, True, "http://127.0.0.1")


def test_files_are_named_absolutely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_options({"report_html": "page.html"}).report_html == tmp_path / "page.html"
