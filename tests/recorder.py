"""Writes down what a mock answers, in the format that `mockserver replay` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver.server.app import MockServer
from tests.inprocess import InProcess, Received

CREDENTIALS = {"oncall": "meowmeowmeow", "viewer": "viewer-token", "incident": "Bearer inc-test-key"}


@dataclass
class Recorder:
    """A client of an in-process mock that remembers every exchange."""

    mock: MockServer
    exchanges: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._transport = InProcess(self.mock.app)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    def send(
        self, name: str, caller: str | None, method: str, target: str, body: Any = None, **headers: str
    ) -> Received:
        """`target` is path and query; a body that is no text is sent as JSON."""
        path, _, query = target.partition("?")
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        if caller is not None:
            sent["Authorization"] = CREDENTIALS[caller]
        if body is not None and not isinstance(body, str):
            body = json.dumps(body, ensure_ascii=False)
            sent.setdefault("Content-Type", "application/json")
        content = (body or "").encode()
        raw = [(key.encode(), value.encode()) for key, value in sent.items()]
        if body is not None:
            raw.append((b"Content-Length", str(len(content)).encode()))
        answer = self._transport.exchange(method, target, raw, content)
        self.exchanges.append(
            {
                "name": name,
                "as": caller,
                "request": {"method": method, "path": path, "query": query, "headers": sent, "body": body},
                "response": {
                    "status": answer.status,
                    "headers": {key.decode(): value.decode("latin-1") for key, value in answer.headers},
                    "body": answer.body.decode(),
                },
            }
        )
        return answer

    def write(self, folder: Path) -> Path:
        return write(folder, self.exchanges)


def write(folder: Path, exchanges: Iterable[Any]) -> Path:
    file = folder / "recording.jsonl"
    file.write_text("".join(f"{json.dumps(exchange)}\n" for exchange in exchanges), "utf-8")
    return file


def tour(recorder: Recorder) -> None:
    """Both vendors, from a write to the refusals."""
    postmortems = "/api/v1/postmortems/"
    body = {"alert_group_id": "IQUIET1PAGE11", "text": "Über: the disk was full, see IQUIET1PAGE11"}
    first = recorder.send("pm.create", "oncall", "POST", postmortems, body).json()["id"]
    second = recorder.send("pm.create.second", "oncall", "POST", postmortems, body).json()["id"]
    changed = {"text": f"The first is {first}."}
    recorder.send("pm.put", "oncall", "PUT", f"{postmortems}{second}/", changed)
    recorder.send("pm.get", "viewer", "GET", f"{postmortems}{second}/")
    recorder.send("pm.head", "oncall", "HEAD", f"{postmortems}{second}/")
    recorder.send("pm.list", "oncall", "GET", f"{postmortems}?alert_group_id=IQUIET1PAGE11")
    recorder.send("pm.page", "oncall", "GET", f"{postmortems}?perpage=1&page=2")
    recorder.send("pm.delete", "oncall", "DELETE", f"{postmortems}{first}/")
    recorder.send("pm.get.deleted", "oncall", "GET", f"{postmortems}{first}/")
    recorder.send("pm.put.form", "oncall", "PUT", f"{postmortems}{second}/", "text=form",
                  Content_Type="application/x-www-form-urlencoded")  # fmt: skip
    recorder.send("auth.none", None, "GET", postmortems)
    recorder.send("role.viewer", "viewer", "POST", postmortems, body)
    recorder.send("route.unknown", None, "GET", "/api/v1/nothing/")
    incident = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"
    document = {"title": "Review", "content": "## Summary"}
    recorder.send("import.ok", "incident", "POST", incident, document)
    recorder.send("import.again", "incident", "POST", incident, document)
    recorder.send("import.untitled", "incident", "POST", incident, {"content": "x"})
    recorder.send("import.no-key", None, "POST", incident, document)
