from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mockserver.core.errors import ConfigurationError
from mockserver.core.sandbox import services
from mockserver.providers import REGISTRY
from mockserver.providers.grafana_oncall.model import World
from mockserver.server import resources
from mockserver.server.fixtures import load_fixtures

PROVIDER = REGISTRY["grafana-oncall"]
GOOD = """\
organizations:
  - {id: O1, name: One}
users:
  - id: U1
    organization: O1
    username: admin
    role: admin
    tokens: [secret]
alert_groups:
  - {id: I1, organization: O1, title: A group, started_at: 2020-06-19T12:00:00}
"""


def build(folder: Path, text: str) -> object:
    file = folder / PROVIDER.name / "world.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    fixtures = load_fixtures(PROVIDER, folder)
    return fixtures.build(services(seed=1, name="test", base_url="", rate_factor=None))


def test_a_small_world_loads_and_times_without_a_zone_are_utc(tmp_path: Path) -> None:
    world = build(tmp_path, GOOD)
    assert isinstance(world, World)
    group = world.tables.alert_groups.get("I1")
    assert group is not None
    assert group.started_at.isoformat() == "2020-06-19T12:00:00+00:00"
    assert world.authenticate("secret").id == "U1"


def test_records_of_several_files_come_together(tmp_path: Path) -> None:
    build(tmp_path, GOOD)
    (tmp_path / PROVIDER.name / "more.yaml").write_text("organizations:\n  - {id: O2, name: Two}\n")
    (tmp_path / PROVIDER.name / "none.yaml").write_text("# nothing yet\n")
    assert [
        organization.id for organization in load_fixtures(PROVIDER, tmp_path).records["organizations"]
    ] == [
        "O2",
        "O1",
    ]


@pytest.mark.parametrize(
    "change, sentence",
    [
        (
            ("role: admin", "rol: admin"),
            r"world.yaml:7: users\[0\]: unknown key 'rol'; did you mean 'role'\?",
        ),
        (
            ("role: admin", "role: boss"),
            r"world.yaml:7: users\[0\].role: 'boss' is none of 'admin', 'editor'",
        ),
        (("    role: admin\n", ""), r"world.yaml:4: users\[0\]: 'role' is missing"),
        (("username: admin", "username: 5"), r"world.yaml:6: users\[0\].username: 5 is not text"),
        (("username: admin", "username: [a]"), r"world.yaml:6: users\[0\].username: must be a single value"),
        (("[secret]", "secret"), r"world.yaml:8: users\[0\].tokens: must be a list"),
        (("[secret]", "[1]"), r"world.yaml:8: users\[0\].tokens\[0\]: 1 is not text"),
        (
            ("organization: O1\n    user", "organization: O9\n    user"),
            r"world.yaml:4: users\[0\].organization: ",
        ),
        (("2020-06-19T12:00:00", "yesterday"), r"world.yaml:10: .*started_at: 'yesterday' is not a time"),
        (
            ("2020-06-19T12:00:00", "2020-13-19T12:00:00Z"),
            r"world.yaml:10: .*started_at: month must be in 1..12",
        ),
        (
            ("2020-06-19T12:00:00", "0001-01-01T00:00:00+14:00"),
            r"world.yaml:10: .*: there is no such time in UTC",
        ),
        (("username: admin", "username: !odd x"), r"world.yaml:6: tags are not read here"),
        (("users:", "usres:"), r"world.yaml:3: unknown collection 'usres'; did you mean 'users'\?"),
        (("users:\n", "users: {}\nx:\n"), r"world.yaml:3: users: must be a list"),
        (("{id: O1, name: One}", "O1"), r"world.yaml:2: organizations\[0\]: must be a mapping"),
        (
            ("name: One}", "name: One, name: Two}"),
            r"world.yaml:2: organizations\[0\]: key 'name' is there twice",
        ),
        (
            ("- {id: O1, name: One}", "- {id: O1, name: One}\n  - {id: O1, name: Two}"),
            r"world.yaml:3: .*twice",
        ),
        (("[secret]", "[secret, secret]"), r"world.yaml:4: users\[0\].tokens: a token is given twice"),
        (("{id: O1, name: One}", "{id: O1, name: One"), r"world.yaml:3: "),
        ((GOOD, "just text"), r"world.yaml:1: the file: must be a mapping"),
    ],
)
def test_a_slip_is_named_with_file_line_and_key(
    tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    assert change[0] in GOOD
    with pytest.raises(ConfigurationError, match=sentence):
        build(tmp_path, GOOD.replace(*change, 1))


def test_a_folder_without_files_is_told_and_either_suffix_is_read(tmp_path: Path) -> None:
    (tmp_path / PROVIDER.name).mkdir()
    with pytest.raises(ConfigurationError, match=r"grafana-oncall: there is no YAML file"):
        load_fixtures(PROVIDER, tmp_path)
    (tmp_path / PROVIDER.name / "world.yml").write_text(GOOD)
    assert len(load_fixtures(PROVIDER, tmp_path).records["users"]) == 1


def test_a_folder_without_fixtures_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"grafana-oncall: there is no such folder of fixtures"):
        load_fixtures(PROVIDER, tmp_path)


@pytest.mark.parametrize("name", REGISTRY)
def test_every_shipped_world_builds_also_from_a_copy(name: str, tmp_path: Path) -> None:
    shutil.copytree(resources.folder("fixtures") / name, tmp_path / name)
    handed_in = services(seed=None, name="test", base_url="", rate_factor=1)
    load_fixtures(REGISTRY[name], tmp_path).build(handed_in)


INCIDENT = """\
organisations:
  - {id: O1, name: One, slug: one}
incident_statuses:
  - {id: S1, organisation: O1, name: Fixing, category: live, rank: 1,
     created_at: 2026-01-01T00:00:00Z, updated_at: 2026-01-01T00:00:00Z}
incident_timestamps:
  - {id: T1, organisation: O1, name: Fixed at, rank: 1}
incidents:
  - {id: I1, organisation: O1, number: 1, name: Sad, status: S1,
     created_at: 2026-01-01T00:00:00Z, updated_at: 2026-01-01T00:00:00Z,
     timestamps: [{timestamp: T1, value: 2026-01-02T00:00:00Z}]}
"""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("value: 2026", "valeu: 2026"), r"incidents.yaml:11: .*timestamps\[0\]: unknown key 'valeu'; did"),
        (
            (", value: 2026-01-02T00:00:00Z", ""),
            r"incidents.yaml:11: incidents\[0\].timestamps\[0\]: 'value' is missing",
        ),
        (("[{timestamp", "[5, {timestamp"), r"incidents.yaml:11: .*timestamps\[0\]: must be a mapping"),
        (
            ("timestamp: T1", "timestamp: T2"),
            r"incidents.yaml:9: incidents\[0\].timestamps: .*incident_timestamps",
        ),
    ],
)
def test_a_slip_inside_a_record_is_named_too(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    folder = tmp_path / "incident-io"
    folder.mkdir()
    assert change[0] in INCIDENT
    handed_in = services(seed=1, name="test", base_url="", rate_factor=None)
    (folder / "incidents.yaml").write_text(INCIDENT)
    load_fixtures(REGISTRY["incident-io"], tmp_path).build(handed_in)
    (folder / "incidents.yaml").write_text(INCIDENT.replace(*change))
    with pytest.raises(ConfigurationError, match=sentence):
        load_fixtures(REGISTRY["incident-io"], tmp_path).build(handed_in)


ALERT = """\
alerts:
  - id: A1
    alert_group_id: I1
    created_at: 2020-06-19T12:00:00Z
    payload: {title: A, value: 9.5, at: 2020-06-19, tags: [a, 1, null], inner: {ok: true}}
"""


def test_a_mapping_that_is_no_record_is_taken_as_it_stands(tmp_path: Path) -> None:
    world = build(tmp_path, GOOD + ALERT)
    assert isinstance(world, World)
    [alert] = world.tables.alerts
    assert alert.payload == {
        "title": "A",
        "value": 9.5,
        "at": "2020-06-19",
        "tags": ["a", 1, None],
        "inner": {"ok": True},
    }


@pytest.mark.parametrize(
    "change, sentence",
    [
        (
            ("inner: {ok: true}}", "inner: {a: 1, a: 2}}"),
            r"world.yaml:15: .*payload.inner: key 'a' is there twice",
        ),
        (
            ("payload: {title: A, value: 9.5, ", "payload: text # {"),
            r"world.yaml:15: .*payload: must be a mapping",
        ),
        (
            ("alert_group_id: I1", "alert_group_id: I9"),
            r"world.yaml:12: alerts\[0\].alert_group_id: there is no 'I9'",
        ),
    ],
)
def test_a_slip_in_an_alert_is_named_too(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    assert change[0] in ALERT
    with pytest.raises(ConfigurationError, match=sentence):
        build(tmp_path, GOOD + ALERT.replace(*change, 1))


def test_each_name_of_a_list_of_references_has_to_lead_somewhere(tmp_path: Path) -> None:
    teams = GOOD + "teams:\n  - {id: T1, organization: O1, name: Team}\n"
    build(tmp_path, teams.replace("tokens: [secret]", "teams: [T1]"))
    with pytest.raises(
        ConfigurationError, match=r"world.yaml:4: users\[0\].teams: there is no 'T9' in teams"
    ):
        build(tmp_path, teams.replace("tokens: [secret]", "teams: [T1, T9]"))
