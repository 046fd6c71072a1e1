from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from mockserver.core.errors import ConfigurationError
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.faults.asking import statuses

GOOD = """\
rules:
  - match: {operation: list_postmortems, nth: 2}
    act: {status: 503}
profiles: [rate-limited]
"""


def test_rules_of_files_and_profiles_are_in_every_fresh_sandbox(
    make_server: MakeServer, tmp_path: Path
) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(GOOD)
    server = make_server(faults=(file,), profiles=("maintenance",))
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        ids = ["fault-1", "rate-limited.third", "maintenance.unavailable"]
        for prefix in ("", "/_mock/sandboxes/b"):
            shown = client.get(f"{prefix}/_mock/faults").json()["rules"]
            assert [one["id"] for one in shown] == ids
        client.delete("/_mock/faults/maintenance.unavailable")
        assert statuses(client, 3) == [200, 503, 429]
        client.delete("/_mock/faults")
        assert statuses(client, 3) == [200] * 3
        client.post("/_mock/reset")
        shown = client.get("/_mock/faults").json()["rules"]
        assert [(one["id"], one["seen"]) for one in shown] == [(name, 0) for name in ids]


@pytest.mark.parametrize(
    "text, problem",
    [
        ("rules: 1\n", "1: rules: must be a list of rules"),
        ("- 1\n", "1: must be an object"),
        ("\nruels: []\n", "2: ruels: is no key here; did you mean 'rules'?"),
        ("rules:\n  - act:\n      status: 503\n      dely: 1\n", "4: rules[0].act.dely: is no key here"),
        (
            "rules:\n  - match:\n      nth: x\n    act: {reset: true}\n",
            "3: rules[0].match.nth: 'x' is no whole",
        ),
        ("rules:\n  - {}\n", "2: rules[0].act: is missing"),
        ("rules:\n  - act: {delay: .nan}\n", "2: rules[0].act.delay: nan is no number"),
        ("rules:\n  - act: {delay: 1}\n    act: {delay: 2}\n", "3: rules[0].act: is there twice"),
        ("rules:\n  - match: {body: {$.a: 2020-01-01}}\n    act: {reset: true}\n", "2: rules[0].match.body"),
        ("rules: [&a {act: *a}]\n", "1: anchors and aliases are not read here"),
        ("rules:\n  - act: {status: [\n", "3: "),
        ("rules:\n  - act: !!python/object:os.system {}\n", "2: "),
        ("? [a]\n: 1\n", "1: "),
        ("profiles: [flaky, nothing]\n", "1: profiles: 'nothing' is none of flaky, maintenance"),
        ("profiles: 1\n", "1: profiles: 1 is no text"),
    ],
)
def test_a_slip_in_a_file_is_told_with_its_line(
    make_server: MakeServer, tmp_path: Path, text: str, problem: str
) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as told:
        make_server(faults=(file,))
    assert str(told.value).startswith(f"{file}:{problem}")
    assert "\n" not in str(told.value)


def test_a_bomb_is_told_and_not_lit(make_server: MakeServer, tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    levels = [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]" for at in range(1, 12)]
    file.write_text("\n".join(["a0: &a0 x", *levels]))
    with pytest.raises(ConfigurationError, match="anchors and aliases are not read here"):
        make_server(faults=(file,))


def test_an_empty_file_has_no_rules(make_server: MakeServer, tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("")
    assert not make_server(faults=(file,)).sandboxes.default.faults


def test_an_unknown_profile_and_an_id_that_is_there_twice_are_told(
    make_server: MakeServer, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="no profile 'x'; there are flaky, maintenance, outage"):
        make_server(profiles=("x",))
    with pytest.raises(ConfigurationError, match=r"the fault 'slow\.answers' is there 2 times"):
        make_server(profiles=("slow", "slow"))
    with pytest.raises(ConfigurationError, match=r"nothing\.yaml: cannot be read"):
        make_server(faults=(tmp_path / "nothing.yaml",))
