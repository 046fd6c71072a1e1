"""Requests as bytes."""

from __future__ import annotations

GET_ONE = "GET /api/v1/postmortems/P658FE5K87EWZ/ HTTP/1.1"
GET_USER = "GET /api/v1/users/current/ HTTP/1.1"
POST_ONE = "POST /api/v1/postmortems/ HTTP/1.1"
IMPORT = "POST /v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document HTTP/1.1"
TEXT = b'{"alert_group_id": "I68T24C13IFW1", "text": "The disk was full"}'
DOCUMENT = b'{"title": "The disk", "content": "## It was full"}'
ONCALL, INCIDENT = "Authorization: meowmeowmeow", "Authorization: Bearer inc-test-key"
JSON = "Content-Type: application/json"


def request(line: str, *headers: str, body: bytes = b"", host: str = "Host: mock") -> bytes:
    """With the credential of the vendor whose path it is, and the length of its body, if it has one."""
    key = INCIDENT if "/v2/" in line else ONCALL
    lines = [line, host, key, *headers, *([f"Content-Length: {len(body)}"] if body else [])]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


READ = request(GET_USER)
WRITE = request(POST_ONE, JSON, body=TEXT)
IMPORTED = request(IMPORT, JSON, body=DOCUMENT)
