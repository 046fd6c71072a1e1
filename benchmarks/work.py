"""The work that every contestant is given: four requests, and the OpenAPI document that they belong to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCVG"
DOCUMENT = "01GDZEW57FDA1K4S63MGMQ5DS9"
KEY = "Bearer inc-test-key"
STORED, PAGE = 200, 50

IMPORT = f"/v2/incidents/{INCIDENT}/actions/import_postmortem_document"
SHOW = "/v1/postmortem_documents/{id}"
LIST = f"/v1/postmortem_documents?page_size={PAGE}"
KINDS = ("POST", "GET", "LIST", "invalid POST")
FIELDS = frozenset(
    ("created_at", "document_url", "editors", "exported_urls", "id", "incident_id", "status", "title")
) | {"type", "updated_at"}

# Names that are plain words, for servers that look their handlers up by them.
OPERATIONS = {
    ("/v2/incidents/{id}/actions/import_postmortem_document", "post"): "import_postmortem_document",
    ("/v1/postmortem_documents/{id}", "get"): "show_postmortem_document",
    ("/v1/postmortem_documents", "get"): "list_postmortem_documents",
}
METHODS = ("get", "put", "post", "delete", "patch")
TITLE = "INC-123: Post-incident review"
CONTENT = "## Summary\n\nA database migration caused increased latency...\n\n## Timeline\n\n- 09:02 paged\n"


@dataclass(frozen=True, slots=True)
class Question:
    method: str
    path: str
    body: bytes = b""

    def wire(self, port: int) -> str:
        """The request as it goes out, in latin-1, with the headers that clients send."""
        lines = [
            f"{self.method} {self.path} HTTP/1.1",
            f"host: 127.0.0.1:{port}",
            "accept: */*",
            "user-agent: bench/1",
            f"authorization: {KEY}",
        ]
        if self.body:
            lines += ["content-type: application/json", f"content-length: {len(self.body)}"]
        return "\r\n".join(lines) + "\r\n\r\n" + self.body.decode("latin-1")


def post(**changed: Any) -> Question:
    """The import; a field of None is left out."""
    body = {"title": TITLE, "content": CONTENT, **changed}
    sent = json.dumps({name: value for name, value in body.items() if value is not None}).encode()
    return Question("POST", IMPORT, sent)


def question(kind: str, document: str = DOCUMENT) -> Question:
    if kind == "GET":
        return Question("GET", SHOW.format(id=document))
    if kind == "LIST":
        return Question("GET", LIST)
    return post() if kind == "POST" else post(title=None)


def stored_document(number: int = 0) -> dict[str, Any]:
    """What a postmortem document looks like; the one of number 0 has the id that is asked for."""
    id_ = DOCUMENT if number == 0 else f"01GDZEW57FDA1K4S63MGM{number:05d}"
    return {
        "created_at": "2021-08-17T13:28:57.801578Z",
        "document_url": f"https://app.incident.io/my-org/incidents/123/post-mortems/{id_}",
        "editors": [],
        "exported_urls": [],
        "id": id_,
        "incident_id": INCIDENT,
        "status": "in_progress",
        "title": TITLE,
        "type": "in_app",
        "updated_at": "2021-08-17T13:28:57.801578Z",
    }


def canned(kind: str) -> tuple[int, dict[str, Any]]:
    """Status and body for the servers that only repeat what they are given."""
    if kind == "LIST":
        page = [stored_document(number) for number in range(PAGE)]
        after = {"page_size": PAGE, "after": page[-1]["id"]}
        return 200, {"postmortem_documents": page, "pagination_meta": after}
    return 201 if kind == "POST" else 200, {"postmortem_document": stored_document()}


def document_of(served: Mapping[str, Any], only: bool = False) -> dict[str, Any]:
    """The document that ours serves, for peers: its three operations of the work by plain names and with examples that
    make servers which answer by example answer what the others do; `only` these, or all of its operations."""
    made = deepcopy(dict(served))
    made["paths"] = {
        path: {method: deepcopy(value) for method, value in item.items()}
        for path, item in served["paths"].items()
        if not only or any(path == wanted for wanted, _ in OPERATIONS)
    }
    for path, item in made["paths"].items():
        for method in [method for method in item if method in METHODS]:
            _simplify(item[method], OPERATIONS.get((path, method)))
            if only and (path, method) not in OPERATIONS:
                del item[method]
    for (path, method), name in OPERATIONS.items():
        kind = "POST" if method == "post" else "GET" if path.endswith("}") else "LIST"
        status, example = canned(kind)
        responses = made["paths"][path][method]["responses"]
        content = responses[str(status)]["content"]["application/json"]
        content.pop("example", None)
        content["examples"] = {name: {"value": example}}
        content["schema"] = {
            "allOf": [content["schema"]]
        }  # which has an example of its own, in some documents
    schemes = made["components"]["securitySchemes"]
    for scheme in schemes.values():
        scheme["x-bearerInfoFunc"] = "benchmarks.peers.connexion_app.know"
    return made


def by_schema(document: Mapping[str, Any]) -> dict[str, Any]:
    """For a server that makes answers up from the schema even where there are examples: the example as a schema."""
    made = deepcopy(dict(document))
    for path, method in OPERATIONS:
        for response in made["paths"][path][method]["responses"].values():
            for content in response.get("content", {}).values():
                for example in content.pop("examples", {}).values():
                    content["schema"] = {"type": "object", "example": example["value"]}
    return made


def _simplify(operation: dict[str, Any], name: str | None) -> None:
    """Without what no peer would send, headers and links of responses; under its plain name if it has one."""
    if name is not None:
        operation["operationId"] = name
    for response in operation["responses"].values():
        response.pop("headers", None)
        response.pop("links", None)
