from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from contract_tests.deployment import CREDENTIALS, Deployment, given_by_file
from contract_tests.options import Misuse


def test_nothing_given_is_a_fresh_mock() -> None:
    assert Deployment.from_environment({}) == Deployment()
    assert Deployment().vendors == ("grafana_oncall", "incident_io")


def test_one_thing_given_makes_all_others_missing() -> None:
    deployment = Deployment.from_environment({"CONTRACT_ONCALL_TOKEN": "of-a-staging"})
    assert deployment.oncall_token == "of-a-staging"
    assert {getattr(deployment, field.name) for field in fields(deployment)} == {"of-a-staging", ""}
    assert deployment.vendors == ("grafana_oncall",)


def test_every_credential_is_known_as_one() -> None:
    shown = {field.name for field in fields(Deployment)} - set(CREDENTIALS)
    assert not [name for name in shown if name.endswith(("token", "key"))]
    assert Deployment(oncall_token="a").credentials()["oncall_token"] == "a"
    assert "" not in Deployment(oncall_token="").credentials().values()


def test_a_file_gives_texts_lists_variables_and_other_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    file = tmp_path / "staging.yaml"
    file.write_text(
        "oncall_token: {env: STAGING_TOKEN}\n"
        "incident_key: {file: key}\n"
        "oncall_alert_groups: [IONE, ITWO]\n"
        "incident_id: '01'\n"
    )
    assert given_by_file(file, {"STAGING_TOKEN": "from-a-variable"}) == {
        "oncall_token": "from-a-variable",
        "incident_key": "from-a-file",
        "oncall_alert_groups": "IONE,ITWO",
        "incident_id": "01",
    }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("oncall_tokn: x", "'oncall_tokn' is no field"),
        ("a: [", "staging.yaml:1: is no YAML"),
        ("- a", "must be a mapping"),
        ("oncall_token: {env: NOT_SET}", "oncall_token: the variable NOT_SET is not set"),
        ("oncall_token: {file: nowhere}", "oncall_token: the file nowhere cannot be read"),
        ("oncall_token: 5", "must be a text"),
        ("oncall_token: {env: A, file: B}", "must be a text"),
    ],
)
def test_a_bad_file_is_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "staging.yaml"
    file.write_text(content)
    with pytest.raises(Misuse) as caught:
        given_by_file(file, {})
    assert sentence in str(caught.value)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"staging\.yaml: cannot be read"):
        given_by_file(tmp_path / "staging.yaml", {})
