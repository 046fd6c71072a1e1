"""What may be put in a state's place, and what is refused with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.core.errors import ConfigurationError
from mockserver.server import yamlfile
from mockserver.server.control import state as control
from mockserver.server.sandboxes import Sandboxes
from mockserver.server.state.reading import load_state, read_state
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.test_sandboxes import INCIDENT, LIST, ONCALL, count, create

GROUP, NOTE = "ISMALL1GR1UPA", "PSMALL1N1TEAA"
SMALL = """\
version: 1
grafana-oncall:
  organizations:
    - {id: O1, name: One}
  users:
    - {id: U1, organization: O1, username: ada, role: admin, tokens: [ada-token]}
  alert_groups:
    - {id: ISMALL1GR1UPA, organization: O1, title: Down, started_at: 2026-01-01T00:00:00Z}
sandbox:
  clock: {frozen_at: 2026-03-01T12:00:00Z, tick: 1}
  ids: {last: ff}
  webhooks:
    - {id: mine, url: "inbox:", events: [a]}
  budgets:
    grafana-oncall: {all: {U1: [1.5, 2]}}
"""


def put(client: httpx.Client, text: str | bytes, kind: str = "application/yaml") -> httpx.Response:
    content = text.encode() if isinstance(text, str) else text
    return client.put("/_mock/state", content=content, headers={"Content-Type": kind})


def test_a_small_state_written_by_hand_takes_the_place_of_what_was_there(client: httpx.Client) -> None:
    create(client)
    assert put(client, SMALL).status_code == 204
    assert client.get(LIST, headers=ONCALL).status_code == 403
    mine = {"Authorization": "ada-token"}
    assert client.get(LIST, headers=mine).json()["count"] == 0
    made = client.post(LIST, json={"alert_group_id": GROUP, "text": "t"}, headers=mine)
    assert made.json()["created_at"] == "2026-03-01T12:00:03Z"
    assert [target["id"] for target in client.get("/_mock/webhooks").json()["targets"]] == ["mine"]
    assert client.get("/v2/incidents", headers=INCIDENT).status_code == 200
    client.post("/_mock/reset")
    assert count(client) == 1


def test_what_a_state_does_not_say_is_as_in_a_fresh_sandbox(client: httpx.Client) -> None:
    client.put("/_mock/clock", json={"now": "2030-01-01", "frozen": True})
    client.post("/_mock/webhooks/targets", json={"url": "inbox:"})
    create(client)
    assert put(client, "version: 1\n").status_code == 204
    assert client.get("/_mock/clock").json()["frozen"] is False
    assert client.get("/_mock/webhooks").json()["targets"] == []
    assert count(client) == 1


def test_json_is_read_too_whatever_letters_it_spells_out(client: httpx.Client) -> None:
    text = "😀\u0085\u2028\x7f\x00\ufeff"
    mine = {"id": NOTE, "alert_group_id": GROUP, "created_at": "2026-01-01T00:00:00.25Z", "text": text}
    world = {
        "organizations": [{"id": "O1", "name": "One"}],
        "users": [{"id": "U1", "organization": "O1", "username": "a", "role": "admin", "tokens": ["t"]}],
        "alert_groups": [
            {"id": GROUP, "organization": "O1", "title": None, "started_at": "2026-01-01T00:00:00Z"}
        ],
        "postmortems": [mine],
    }
    for spelled in (True, False):
        body = json.dumps({"version": 1, "grafana-oncall": world}, ensure_ascii=spelled)
        body = (
            body.replace("\\ud83d\\ude00", "\\ud83d\\ude00")
            if spelled
            else body.replace("\ud83d\ude00", "😀")
        )
        answer = put(client, body, "application/json; charset=utf-8")
        assert answer.status_code == 204, answer.text
        shown = client.get(f"{LIST}{NOTE}/", headers={"Authorization": "t"}).json()
        assert shown["text"] == text
        assert shown["created_at"] == "2026-01-01T00:00:00.250000Z"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("version: 1", "version: 2"), r"w.yaml:1: version '2' is unknown here; this reads version 1"),
        (("version: 1", "version: [1]"), r"w.yaml:1: version of that kind is unknown"),
        (("version: 1\n", ""), r"w.yaml:1: has no version; this reads version 1"),
        ((SMALL, ""), r"w.yaml: is empty; a state begins with version: 1"),
        (("grafana-oncall:\n  org", "grafana-oncal:\n  org"), r"w.yaml:2: unknown key 'grafana-oncal'; did you"),
        (("sandbox:", "sandbos:"), r"w.yaml:9: unknown key 'sandbos'; did you mean 'sandbox'"),
        (("  users:", "  usres:"), r"w.yaml:5: unknown collection 'usres'"),
        (("role: admin", "role: boss"), r"w.yaml:6: users\[0\].role: 'boss' is none of"),
        (("{id: O1, name: One}", "{id: O2, name: One}"), r"w.yaml:6: users\[0\].organization: there is no 'O1'"),
        (("  clock:", "  clokc:"), r"w.yaml:10: sandbox: unknown key 'clokc'; did you mean 'clock'"),
        (("tick: 1", "tick: -1"), r"w.yaml:10: sandbox: tick is not"),
        (("tick: 1", "tick: .nan"), r"w.yaml:10: sandbox: tick is not"),
        (("tick: 1", "tick: true"), r"w.yaml:10: sandbox.clock.tick: True is not a number"),
        (("tick: 1", "offset: 1.0e+300"), r"w.yaml:10: sandbox: offset is beyond"),
        (("2026-03-01T12", "1926-03-01T12"), r"w.yaml:10: sandbox: frozen_at is not"),
        (("last: ff", "last: xx"), r"w.yaml:10: sandbox: non-hexadecimal"),
        (("last: ff", f"last: {'f' * 40}"), r"w.yaml:10: sandbox: last is longer"),
        (("last: ff", "random: AAAA"), r"w.yaml:10: sandbox: random is no state"),
        (("[1.5, 2]", "[a]"), r"w.yaml:10: sandbox: a budget must be a list of numbers"),
        (("[1.5, 2]", "[.inf]"), r"w.yaml:10: sandbox: a budget must be a list of finite"),
        (("{all: {U1: [1.5, 2]}}", "5"), r"w.yaml:14: .*budgets.grafana-oncall|w.yaml:10: .*must be a mapping"),
        (("inbox:\"", "http://example.test/\""), r"w.yaml:10: .*neither loopback nor allowed"),
        (("{id: O1, name: One}", "&a {id: O1, name: One}"), r"w.yaml:4: anchors and aliases are not read"),
        (("{id: O1, name: One}", "*a"), r"w.yaml:4: anchors and aliases are not read"),
        (("{id: O1, name: One}", "{<<: {id: O1}, name: One}"), r"w.yaml:4: .*unknown key '<<'"),
        (("{id: O1, name: One}", "{? [a] : b}"), r"w.yaml:4: .*a key must be a single value"),
        (("name: One", "name: !!python/name:os.system x"), r"w.yaml:4: .*tags are not read here"),
        (("title: Down", "title: " + "[" * 300 + "]" * 300), r"w.yaml:8: more than 256 levels deep"),
        (("tick: 1", "tick: " + ":".join(["1"] * 5000)), r"w.yaml:10: .*more than 400 characters"),
        (("tick: 1", "tick: " + "1" * 5000), r"w.yaml:10: .*more than 400 characters"),
        (("name: One", "nome: " + "x" * 10_000), r"w.yaml:4: .*unknown key 'nome'"),
        (("role: admin", "role: " + "x" * 10_000), r"w.yaml:6: users\[0\].role: 'x+… is none of"),
        (("sandbox:\n", "---\nsandbox:\n"), r"w.yaml:9: "),
        (("sandbox:\n", "sandbox: {\n"), r"w.yaml:\d+: "),
        (("Down", "\x07"), r"w.yaml"),
    ],
)  # fmt: skip
def test_a_slip_or_a_trap_is_named_with_its_line(
    make_server: MakeServer, tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    assert change[0] in SMALL
    file = tmp_path / "w.yaml"
    file.write_text(SMALL.replace(*change, 1), "utf-8")
    sandboxes: Sandboxes = make_server(rate_factor=1.0).sandboxes
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        sandboxes.loaded("x", load_state(file))
    assert len(str(caught.value).removeprefix(str(tmp_path))) < 300


def test_budgets_that_no_bucket_counted_are_told(make_server: MakeServer) -> None:
    sandboxes: Sandboxes = make_server(rate_factor=1.0).sandboxes
    for limit in ("all", "Incidents V2_List"):
        budgets = (
            f"version: 1\nincident-io: {{}}\nsandbox: {{budgets: {{incident-io: {{{limit}: {{k: [1]}}}}}}}}\n"
        )
        with pytest.raises(
            ConfigurationError, match=r"w:3: sandbox.budgets.incident-io: is not what is counted"
        ):
            sandboxes.loaded("x", read_state(Path("w"), budgets))


def test_a_vendor_that_is_not_served_is_not_put_into_a_sandbox(make_server: MakeServer) -> None:
    server = make_server(providers=("incident-io",))
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        answer = put(client, SMALL)
    assert (answer.status_code, answer.json()["error"]) == (
        400, "grafana-oncall is in the state and is not served here"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (SMALL.replace("role: admin", "role: x"), "application/yaml", "state:6: users[0].role: 'x' is none of"),
        (b"\xff", "application/yaml", "state: is not UTF-8"),
        (b"{", "application/json", "state:1: is no JSON"),
        (b'{"version": 1, "grafana-oncall": []}', "application/json", "state:3: grafana-oncall: must be a mapping"),
        (b"[]", "application/json", "state:1: the state: must be a mapping"),
        (b"[" * 100_000, "application/json", "is no JSON"),
        (b"[" * 100_000, "application/yaml", "more than 256 levels deep"),
        (b"a: " * 1, "application/yaml", "has no version"),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_and_changes_nothing(
    client: httpx.Client, body: Any, kind: str, words: str
) -> None:
    create(client)
    answer = put(client, body, kind)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert count(client) == 2


def test_uploads_and_files_are_read_up_to_a_size_and_a_number_of_values(
    client: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "LARGEST_STATE", 100)
    assert put(client, "#" * 101).status_code == 413
    monkeypatch.setattr(control, "LARGEST_STATE", 10_000)
    monkeypatch.setattr(control, "MOST_VALUES", 10)
    assert "more than 10 values" in put(client, SMALL).json()["error"]
    monkeypatch.setattr(yamlfile, "LARGEST_FILE", 100)
    (tmp_path / "w.yaml").write_text("#" * 101)
    with pytest.raises(ConfigurationError, match=r"w.yaml: no more than 100 bytes are read"):
        load_state(tmp_path / "w.yaml")


def test_what_was_loaded_counts_in_the_place_of_what_was_sent_before(make_server: MakeServer) -> None:
    server = make_server(max_bytes=2000)
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        for _ in range(5):
            assert put(client, SMALL).status_code == 204
        assert client.get("/_mock/sandboxes").json() == [{"name": "default", "bytes": len(SMALL)}]
        assert put(client, SMALL + "#" * 2000).status_code == 507
        assert client.get("/_mock/sandboxes").json() == [{"name": "default", "bytes": len(SMALL)}]


def test_a_bare_sign_of_a_tag_before_a_text_is_read_as_none(client: httpx.Client) -> None:
    assert put(client, "version: ! '1'\n").status_code == 204
