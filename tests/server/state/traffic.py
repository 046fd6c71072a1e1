"""Random writes to both vendors with texts that are hard to write down, and a sweep of reads that sees what is left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
from hypothesis import strategies as st

ONCALL = {"Authorization": "meowmeowmeow"}
INCIDENT = {"Authorization": "Bearer inc-test-key"}
GROUPS = ("IQUIET1PAGE11", "I68T24C13IFW1", "INOSUCHGROUP1")
SEVERITIES = ("01FC31EQM04W15VJSB8MKJV5NT", "01FC31EQM0V5X67F1KJCXBGVC8")
INCIDENTS = ("01GBA8J19SMXQWPJMX3P2ESCVG", "01GBA8J19SMXQWPJMX3P2ESCW0", "01FEX2SFX00B5SYBT0EQ0HRV6G")
TIMESTAMP = "01FC31EQM00QSSRB6NR6023CBK"
HARD = (
    "2026-01-01", "2026-01-01T00:00:00Z", "true", "No", "~", "null", "0x1F", "1e3", "12:30:00", "- a", "# a", "a # b",
    "a: b", "|", ">-", "'", '"', "&a", "*a", "!a", "%", "@", "`", "{", "[", "? a", "", " ", "a\nb", "a\n\nb\n", "\na",
    " a\n b", "a \nb", "a\r\nb", "a\rb", "a\tb\n\tc", "a\x85b\nc", "a\u2028b\nc", "\ufeffa", "a\x00b", "\x7f",
    "é\u200b",    "😀\n😀", "\ud7ff\ue000\ufffd", "<<", "=", "---\na", "a\n...\nb", "x" * 300,
)  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(HARD),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.text("a \n\t#:-'\"", max_size=12),
)
# Vendor, method, path, body; the vendor `clock` is the sandbox's clock, moved by seconds.
Write = tuple[str, str, str, Any]


def oncall(method: str, path: str, **body: st.SearchStrategy[Any]) -> st.SearchStrategy[Write]:
    return st.tuples(st.just("oncall"), st.just(method), st.just(path), st.fixed_dictionaries(body))


def incident(method: str, path: str, **body: st.SearchStrategy[Any]) -> st.SearchStrategy[Write]:
    return st.tuples(st.just("incident"), st.just(method), st.just(path), st.fixed_dictionaries(body))


KEYS = st.sampled_from(["k1", "k2", "k3", "k4"])
TIMES = st.sampled_from(
    ["2026-01-01T10:00:00.123456Z", "2026-01-01T10:00:00+05:30", "2020-02-29T23:59:59.5-08:00"]
)
WRITES: st.SearchStrategy[Write] = st.one_of(
    *(
        oncall("POST", f"/api/v1/{kind}/", alert_group_id=st.sampled_from(GROUPS), text=TEXT)
        for kind in ("postmortems", "postmortem_messages", "resolution_notes")
    ),
    oncall("PUT", "/api/v1/postmortems/P658FE5K87EWZ/", text=TEXT),
    oncall("DELETE", "/api/v1/postmortems/P658FE5K87EWZ/"),
    *(
        oncall("POST", f"/api/v1/alert_groups/{group}/{verb}/", delay=st.sampled_from([1, 60, -1]))
        for group in GROUPS[:2]
        for verb in ("acknowledge", "resolve", "unresolve", "silence", "unsilence")
    ),
    st.sampled_from(GROUPS[:2]).map(lambda group: ("oncall", "DELETE", f"/api/v1/alert_groups/{group}/", {})),
    *(
        incident("POST", f"/v2/incidents/{one}/actions/import_postmortem_document", title=TEXT, content=TEXT)
        for one in INCIDENTS
    ),
    incident(
        "POST", "/v2/incidents", idempotency_key=KEYS, visibility=st.sampled_from(["public", "private"]), name=TEXT,
        summary=TEXT, severity_id=st.sampled_from(SEVERITIES),
        incident_timestamp_values=TIMES.map(lambda at: [{"incident_timestamp_id": TIMESTAMP, "value": at}]),
    ),
    incident(
        "POST", "/v2/incidents", idempotency_key=KEYS, visibility=st.just("public"), mode=st.just("retrospective"),
        severity_id=st.sampled_from(SEVERITIES),
        retrospective_incident_options=st.sampled_from([400, 500]).map(lambda number: {"external_id": number}),
    ),
    *(
        incident(
            "POST", f"/v2/incidents/{one}/actions/edit", notify_incident_channel=st.just(False),
            incident=st.fixed_dictionaries({"name": TEXT, "severity_id": st.sampled_from(SEVERITIES)}),
        )
        for one in INCIDENTS
    ),
    incident(
        "POST", "/v2/incident_updates", idempotency_key=KEYS, incident_id=st.sampled_from(INCIDENTS), message=TEXT,
    ),
    incident(
        "POST", "/v3/follow_ups", incident_id=st.sampled_from(INCIDENTS), title=TEXT, description=TEXT,
        labels=st.lists(TEXT, max_size=2),
    ),
    incident(
        "POST", "/v1/postmortem_documents/actions/attach", incident_id=st.sampled_from(INCIDENTS),
        permalink=st.sampled_from(["https://docs.example.com/a", "https://docs.example.com/b?c=d#e"]),
    ),
    st.sampled_from([0.000001, 30, 90, -3600]).map(
        lambda seconds: ("clock", "POST", "/_mock/clock/move", {"seconds": seconds})
    ),
)  # fmt: skip
LISTS = {
    "oncall": (
        "postmortems/?perpage=3", "postmortem_messages/?perpage=7", "resolution_notes/", "alert_groups/",
        "alert_groups/?state=silenced", "alert_groups/?state=new&perpage=5", "alert_groups/?state=resolved", "users/",
        *(f"{kind}/?alert_group_id={group}" for kind in ("postmortems", "resolution_notes") for group in GROUPS),
    ),
    "incident": (
        "/v1/identity", "/v2/incidents?page_size=250", "/v2/incidents?page_size=5&sort_by=created_at_newest_first",
        "/v2/incidents?mode[one_of]=retrospective", "/v2/incident_updates?page_size=250", "/v1/severities",
        "/v1/incident_statuses", "/v1/incident_types", "/v2/incident_roles", "/v2/incident_timestamps",
        "/v2/custom_fields", "/v2/users?page_size=250", "/v1/postmortem_documents?page_size=250", "/v3/follow_ups",
        "/v1/postmortem_documents?sort_by=created_at_newest_first", *(f"/v2/incidents/{one}" for one in INCIDENTS),
    ),
}  # fmt: skip
Seen = tuple[int, list[tuple[bytes, bytes]], bytes]


def send(client: httpx.Client, sandbox: str, write: Write) -> Seen:
    vendor, method, path, body = write
    headers = {"oncall": ONCALL, "incident": INCIDENT, "clock": {}}[vendor]
    answer = client.request(
        method,
        path,
        content=json.dumps(body).encode(),
        headers={**headers, "X-Mock-Sandbox": sandbox, "Content-Type": "application/json"},
    )
    assert answer.status_code < 500, answer.text
    if vendor == "clock":
        # What it is ahead of the machine's is the machine's business.
        return answer.status_code, [], b""
    return answer.status_code, answer.headers.raw, answer.content


def sweep(client: httpx.Client, sandbox: str) -> Sequence[tuple[str, Seen]]:
    """What every list answers, and every object of the lists of documents and postmortems."""
    seen: list[tuple[str, Seen]] = []

    def read(vendor: str, path: str) -> bytes:
        answer = send(client, sandbox, (vendor, "GET", path, {}))
        seen.append((path, answer))
        return answer[2]

    for path in LISTS["oncall"]:
        read("oncall", f"/api/v1/{path}")
    for path in LISTS["incident"]:
        read("incident", path)
    for document in json.loads(read("incident", "/v1/postmortem_documents?page_size=250"))[
        "postmortem_documents"
    ]:
        read("incident", f"/v1/postmortem_documents/{document['id']}/content")
    for note in json.loads(read("oncall", "/api/v1/resolution_notes/"))["results"]:
        read("oncall", f"/api/v1/resolution_notes/{note['id']}/")
    return seen
