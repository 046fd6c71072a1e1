"""A state that is written down and read again is the same state: to the byte, for whoever asks it anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.server.app import MockServer
from mockserver.server.state.exporting import _text
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.state.traffic import HARD, INCIDENTS, TEXT, WRITES, Write, send, sweep

IMPORT = f"/v2/incidents/{INCIDENTS[0]}/actions/import_postmortem_document"


@pytest.fixture(scope="module")
def seeded(make_server: MakeServer) -> MockServer:
    return make_server(seed=3, rate_factor=1.0)


@pytest.fixture
def over_seeded(seeded: MockServer) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(seeded.app), base_url=seeded.settings.base_url) as client:
        yield client


def state(client: httpx.Client, sandbox: str) -> str:
    answer = client.get("/_mock/state", headers={"X-Mock-Sandbox": sandbox})
    assert answer.headers["content-type"].startswith("application/yaml")
    return answer.text


def load(client: httpx.Client, sandbox: str, text: str) -> None:
    headers = {"X-Mock-Sandbox": sandbox, "Content-Type": "application/yaml"}
    answer = client.put("/_mock/state", content=text.encode(), headers=headers)
    assert answer.status_code == 204, answer.text


@settings(max_examples=12)
@given(
    traffic=st.lists(WRITES, min_size=5, max_size=30), more=st.lists(WRITES, max_size=5), still=st.booleans()
)
def test_after_any_traffic_a_loaded_state_exports_and_answers_as_the_original(
    seeded: MockServer, traffic: list[Write], more: list[Write], still: bool
) -> None:
    """On a clock that stands still everything is a tie. Ids drawn later, and what is left of allowances, agree too."""
    for name in ("a", "b"):
        seeded.sandboxes.delete(name)
    with httpx.Client(transport=InProcess(seeded.app), base_url=seeded.settings.base_url) as client:
        if still:
            client.put("/_mock/clock", json={"tick": None}, headers={"X-Mock-Sandbox": "a"})
        for write in traffic:
            send(client, "a", write)
        exported = state(client, "a")
        load(client, "b", exported)
        assert state(client, "b") == exported
        assert sweep(client, "b") == sweep(client, "a")
        assert [send(client, "b", write) for write in more] == [send(client, "a", write) for write in more]
        assert sweep(client, "b") == sweep(client, "a")
        assert state(client, "b") == state(client, "a")


@settings(max_examples=400)
@given(TEXT)
def test_every_text_comes_back_as_it_was_by_either_parser(text: str) -> None:
    node = yaml.MappingNode("tag:yaml.org,2002:map", [(_text("key"), _text(text))], flow_style=False)
    for dumper in (yaml.CSafeDumper, yaml.SafeDumper):
        written = yaml.serialize(node, Dumper=dumper, allow_unicode=True, width=2**31 - 1)
        for loader in (yaml.CSafeLoader, yaml.SafeLoader):
            assert yaml.load(written, Loader=loader) == {"key": text}


def test_a_text_of_several_lines_is_written_as_a_person_would_write_it(over_seeded: httpx.Client) -> None:
    write = (
        "oncall",
        "PUT",
        "/api/v1/postmortems/P658FE5K87EWZ/",
        {"text": "## What\n\nThe cache: cold.\n- so"},
    )
    send(over_seeded, "lines", write)
    written = "    text: |-\n      ## What\n\n      The cache: cold.\n      - so\n"
    assert written in state(over_seeded, "lines")


@pytest.mark.parametrize("text", ["2021-09-06T08:20:00Z", "2021-09-06", "5", "yes", "~"])
def test_a_text_that_looks_like_something_else_is_read_back_as_a_text(
    client: httpx.Client, text: str
) -> None:
    send(client, "a", ("oncall", "PUT", "/api/v1/postmortems/P658FE5K87EWZ/", {"text": text}))
    exported = state(client, "a")
    load(client, "b", exported)
    assert state(client, "b") == exported


def test_without_a_seed_too_a_state_loads_and_exports_the_same(client: httpx.Client) -> None:
    for write in (
        ("oncall", "POST", "/api/v1/postmortems/", {"alert_group_id": "IQUIET1PAGE11", "text": "a"}),
        ("incident", "POST", "/v2/incidents", {"idempotency_key": "k", "visibility": "public", "name": "n",
                                               "severity_id": "01FC31EQM04W15VJSB8MKJV5NT"}),
    ):  # fmt: skip
        assert send(client, "a", write)[0] in (200, 201)
    client.post("/_mock/clock/move", json={"by": "1h"}, headers={"X-Mock-Sandbox": "a"})
    target = {"url": "http://127.0.0.1:9/hook", "events": ["a"]}
    client.post("/_mock/webhooks/targets", json=target, headers={"X-Mock-Sandbox": "a"})
    exported = state(client, "a")
    load(client, "b", exported)
    assert state(client, "b") == exported
    assert "random" not in exported
    assert client.get("/_mock/sandboxes/b/_mock/clock").json()["offset"] == 3600


def test_records_of_a_run_with_the_same_seed_are_not_run_into(seeded: MockServer) -> None:
    """What a person keeps of an export may be the records alone, and a seed draws the same ids once more."""
    writes: list[Write] = [
        ("oncall", "POST", "/api/v1/postmortems/", {"alert_group_id": "IQUIET1PAGE11", "text": "a"}),
        ("oncall", "POST", "/api/v1/resolution_notes/", {"alert_group_id": "IQUIET1PAGE11", "text": "a"}),
        ("incident", "POST", "/v2/incidents", {"idempotency_key": "k", "visibility": "public", "name": "n",
                                               "severity_id": "01FC31EQM04W15VJSB8MKJV5NT"}),
        ("incident", "POST", IMPORT, {"title": "t", "content": "c"}),
        ("incident", "POST", "/v3/follow_ups", {"incident_id": INCIDENTS[0], "title": "t"}),
    ]  # fmt: skip
    with httpx.Client(transport=InProcess(seeded.app), base_url=seeded.settings.base_url) as client:
        for write in writes:
            seeded.sandboxes.delete("once")
            client.put("/_mock/clock", json={"tick": None}, headers={"X-Mock-Sandbox": "once"})
            assert send(client, "once", write)[0] in (200, 201)
            kept = yaml.safe_load(state(client, "once"))
            del kept["sandbox"]
            load(client, "once", yaml.safe_dump(kept))
            client.put("/_mock/clock", json={"tick": None}, headers={"X-Mock-Sandbox": "once"})
            vendor, method, path, body = write
            other = {"idempotency_key": "l"} if "idempotency_key" in body else {}
            assert send(client, "once", (vendor, method, path, {**body, **other}))[0] in (200, 201)


def test_an_exported_state_is_a_fixture_for_every_sandbox(
    make_server: MakeServer, over_seeded: httpx.Client, tmp_path: Path
) -> None:
    for text in HARD[:8]:
        send(over_seeded, "a", ("oncall", "PUT", "/api/v1/postmortems/P658FE5K87EWZ/", {"text": text}))
    exported = state(over_seeded, "a")
    (tmp_path / "world.yaml").write_text(exported, "utf-8")
    other = make_server(fixtures=tmp_path / "world.yaml", seed=99, rate_factor=1.0)
    with httpx.Client(transport=InProcess(other.app), base_url=other.settings.base_url) as client:
        assert state(client, "default") == state(client, "c") == exported
        send(client, "c", ("oncall", "DELETE", "/api/v1/postmortems/P658FE5K87EWZ/", {}))
        client.post("/_mock/reset", headers={"X-Mock-Sandbox": "c"})
        assert sweep(client, "c") == sweep(over_seeded, "a")
