"""A journal as an HTTP Archive: valid, whole, and good to be replayed."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from mockserver.core.exchange import Headers, Request
from mockserver.server.app import MockServer
from mockserver.server.journal.journal import JournalBounds
from mockserver.server.replay.har import read_har
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.server.journal.conftest import IMPORT, INCIDENT, ONCALL, POSTMORTEMS, Journal
from tests.test_cli import run

CREATE = {"alert_group_id": "IQUIET1PAGE11", "text": "The disk was full."}


def a(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more}


def exactly(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object as HAR 1.2 has it; what begins with an underscore may be added by anybody."""
    return a(
        "object",
        properties={**required, **optional, "comment": a("string")},
        required=list(required),
        patternProperties={"^_": {}},
        additionalProperties=False,
    )


TEXT, SIZE = a("string"), a("integer", minimum=-1)
TIME = a("number", minimum=0)
PAIRS = a("array", items=exactly({"name": TEXT, "value": TEXT}))
PARAMETERS = a("array", items=exactly({"name": TEXT}, value=TEXT, fileName=TEXT, contentType=TEXT))
SIZES = {"headersSize": SIZE, "bodySize": SIZE}
MESSAGE = {"httpVersion": TEXT, "cookies": a("array"), "headers": PAIRS, **SIZES}
# After the specification of HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/.
REQUEST = exactly(
    {"method": TEXT, "url": a("string", format="uri"), "queryString": PAIRS, **MESSAGE},
    postData=exactly({"mimeType": TEXT, "text": TEXT, "params": PARAMETERS}),
)
RESPONSE = exactly(
    {
        "status": a("integer", minimum=0, maximum=599),
        "statusText": TEXT,
        "redirectURL": TEXT,
        "content": exactly(
            {"size": a("integer"), "mimeType": TEXT},
            compression=a("integer"),
            text=TEXT,
            encoding=a("string"),
        ),
        **MESSAGE,
    }
)
ENTRY = exactly(
    {
        "startedDateTime": a("string", format="date-time"),
        "time": TIME,
        "request": REQUEST,
        "response": RESPONSE,
        "cache": a("object"),
        "timings": exactly(
            {"send": TIME, "wait": TIME, "receive": TIME}, blocked=TIME, dns=TIME, connect=TIME, ssl=TIME
        ),
    },
    pageref=TEXT,
    serverIPAddress=TEXT,
    connection=TEXT,
)
HAR = a(
    "object",
    properties={
        "log": exactly(
            {
                "version": {"const": "1.2"},
                "creator": exactly({"name": TEXT, "version": TEXT}),
                "entries": a("array", items=ENTRY),
            },
            browser=a("object"),
            pages=a("array"),
        )
    },
    required=["log"],
    additionalProperties=False,
)
VALID = jsonschema_rs.Draft7Validator(HAR, validate_formats=True)


@pytest.fixture
def toured(client: httpx.Client) -> httpx.Client:
    """A client that has done a bit of everything at both vendors, well and badly."""
    made = client.post(POSTMORTEMS, headers=ONCALL, json=CREATE).json()["id"]
    client.get(f"{POSTMORTEMS}{made}/", headers=ONCALL)
    client.get(f"{POSTMORTEMS}?alert_group_id=IQUIET1PAGE11&page=2", headers=ONCALL)
    client.put(f"{POSTMORTEMS}{made}/", headers={"Authorization": "viewer-token"}, json={"text": "no"})
    client.put(f"{POSTMORTEMS}{made}/", headers={"Authorization": "editor-token"}, json={"text": "It was ü."})
    client.patch(f"{POSTMORTEMS}{made}/", headers=ONCALL, data={"text": "<3 bytes>"})
    client.post(POSTMORTEMS, headers=ONCALL, content=b"\xff\x00\xfe")
    client.head(POSTMORTEMS, headers=ONCALL)
    client.options(POSTMORTEMS, headers=ONCALL)
    client.get(POSTMORTEMS, headers={"Authorization": "Bearer meowmeowmeow"})
    client.get(POSTMORTEMS)
    client.delete(f"{POSTMORTEMS}{made}/", headers=ONCALL)
    client.post(IMPORT, headers=INCIDENT, json={"title": "Findings", "content": "# None\n\nReally."})
    client.get("/v1/postmortem_documents?page_size=1", headers=INCIDENT)
    client.get("/v2/incidents?status[one_of]=a|b&mode[one_of]=standard", headers=INCIDENT)
    client.get("/v1/identity", headers={"Authorization": "Bearer inc-view-key"})
    client.get("/v1/identity", headers={"Authorization": "Bearer of-nobody"})
    client.get("/nowhere/ü%20%2F?a=%C3%BC&b=c%26d")
    return client


def test_an_archive_is_valid_har(toured: httpx.Client, journal: Journal) -> None:
    archive = journal("/journal/har")
    assert [error.message for error in VALID.iter_errors(archive)] == []
    assert len(archive["log"]["entries"]) == 18


def test_it_says_what_was_asked_and_answered(toured: httpx.Client, journal: Journal) -> None:
    entries = journal("/journal/har")["log"]["entries"]
    first, binary, last = entries[0], entries[6], entries[-1]
    assert first["request"]["url"] == f"http://127.0.0.1:4010{POSTMORTEMS}"
    assert json.loads(first["request"]["postData"]["text"]) == CREATE
    assert first["request"]["postData"]["mimeType"] == "application/json"
    assert json.loads(first["response"]["content"]["text"])["text"] == CREATE["text"]
    assert (first["response"]["status"], first["response"]["statusText"]) == (201, "Created")
    assert first["_mock"]["operation"] == "create_postmortem"
    assert first["time"] == first["timings"]["wait"] > 0
    assert base64.b64decode(binary["request"]["postData"]["text"]) == b"\xff\x00\xfe"
    assert last["request"]["url"].endswith("/nowhere/%C3%BC%20%2F?a=%C3%BC&b=c%26d")
    assert last["request"]["queryString"] == [{"name": "a", "value": "ü"}, {"name": "b", "value": "c&d"}]


def test_it_is_a_file_to_be_saved_and_takes_filters(toured: httpx.Client) -> None:
    answer = toured.get("/_mock/journal/har", params={"provider": "incident-io", "limit": "2"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="default.har"'
    assert len(answer.json()["log"]["entries"]) == 2


def test_on_a_fresh_mock_everything_is_as_it_was(toured: httpx.Client, tmp_path: Path) -> None:
    file = tmp_path / "journal.har"
    file.write_bytes(toured.get("/_mock/journal/har").content)
    ended = run("replay", str(file))
    assert ended.stdout.splitlines() == [
        "grafana-oncall  12 of 12",
        "incident-io     6 of 6",
        "matched 18 of 18",
    ]
    assert (ended.returncode, ended.stderr) == (0, "")


def test_so_it_is_for_a_sandbox_that_the_base_url_chose(client: httpx.Client, tmp_path: Path) -> None:
    base = "/_mock/sandboxes/mine"
    made = client.post(f"{base}{POSTMORTEMS}", headers=ONCALL, json=CREATE).json()["id"]
    client.get(f"{base}{POSTMORTEMS}{made}/", headers=ONCALL)
    assert client.get(f"{base}{POSTMORTEMS}?perpage=1", headers=ONCALL).json()["next"] is not None
    file = tmp_path / "journal.har"
    file.write_bytes(client.get(f"{base}/_mock/journal/har").content)
    assert run("replay", str(file)).stdout.splitlines()[-1] == "matched 3 of 3"


def test_a_difference_is_found(toured: httpx.Client, tmp_path: Path) -> None:
    file = tmp_path / "journal.har"
    file.write_text(
        toured.get("/_mock/journal/har").text.replace("The disk was full", "The disk was fine", 3)
    )
    ended = run("replay", str(file))
    assert ended.returncode == 1
    assert "differs grafana-oncall." in ended.stdout


def test_the_rest_of_a_long_journal_is_exported(make_server: MakeServer) -> None:
    server = make_server(journal=JournalBounds(entries=1_200))
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        for _ in range(1_210):
            client.get("/v1/nowhere")
        log = client.get("/_mock/journal/har").json()["log"]
    assert len(log["entries"]) == 1_200
    assert log["_mock"] == {"dropped": 10, "rate_limit": None}


def test_an_answer_that_nobody_got_is_one_without_a_status(
    client: httpx.Client, server: MockServer, journal: Journal
) -> None:
    assert client.post("/_mock/faults", json={"match": {}, "act": {"reset": True}}).status_code == 201
    server.engine.answer(
        "default", Request("GET", POSTMORTEMS, headers=Headers([(b"authorization", b"meowmeowmeow")]))
    )
    archive = journal("/journal/har", status="0")
    assert [error.message for error in VALID.iter_errors(archive)] == []
    assert [entry["response"]["status"] for entry in archive["log"]["entries"]] == [0]
    assert journal("/journal/breaches") == {"breaches": []}


def test_what_was_cut_or_made_wrong_on_purpose_is_not_compared(
    client: httpx.Client, server: MockServer, tmp_path: Path
) -> None:
    client.post(POSTMORTEMS, headers=ONCALL, json={**CREATE, "text": "x" * 100_000})
    client.post(POSTMORTEMS, headers=ONCALL, json=CREATE)
    client.get(POSTMORTEMS, headers=ONCALL)
    client.get("/v1/identity", headers=INCIDENT)
    long, made, read, _ = server.sandboxes.default.journal
    made.fault = read.fault = "a-fault"
    assert long.cut == ("request.body", "answer.body", "changes")
    file = tmp_path / "journal.har"
    file.write_bytes(client.get("/_mock/journal/har").content)
    exchanges = read_har(file).exchanges
    assert [exchange.request.body.recorded for exchange in exchanges] == [False, True, False, True]
    assert [exchange.response.body.recorded for exchange in exchanges] == [False, False, False, True]
