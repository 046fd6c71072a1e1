"""Stock Connexion as its documentation builds it: an AsyncApp, handlers over a dict.

From the environment: PEER_DOCUMENT, the OpenAPI document; PEER_CHECKS, `1` for `validate_responses`; PEER_PARSED, `1`
to hand over the document parsed, where Connexion would take what it says for a template.
"""

from __future__ import annotations

import json
import os
import uuid
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from connexion import AsyncApp
from connexion.resolver import Resolver

INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCVG"
documents: dict[str, dict[str, Any]] = {}


def know(token: str) -> dict[str, str] | None:
    return {"sub": "key"} if token == "inc-test-key" else None


def refusal(status: int, kind: str) -> tuple[dict[str, Any], int]:
    errors = [{"code": kind, "message": "no such thing"}]
    return {"type": kind, "status": status, "request_id": str(uuid.uuid4()), "errors": errors}, status


async def import_postmortem_document(id: str, body: dict[str, Any]) -> tuple[Any, ...]:
    if id != INCIDENT:
        return refusal(404, "not_found")
    made = "01" + uuid.uuid4().hex[:24].upper()
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    document = {
        "created_at": now,
        "document_url": f"https://app.incident.io/my-org/incidents/123/post-mortems/{made}",
        "editors": [],
        "exported_urls": [],
        "id": made,
        "incident_id": id,
        "status": "in_progress",
        "title": body["title"],
        "type": "in_app",
        "updated_at": now,
    }
    documents[made] = document
    return {"postmortem_document": document}, 201, {"Location": f"/v1/postmortem_documents/{made}"}


async def show_postmortem_document(id: str) -> tuple[Any, ...]:
    document = documents.get(id)
    return refusal(404, "not_found") if document is None else ({"postmortem_document": document}, 200)


async def list_postmortem_documents(page_size: int = 25, **_: Any) -> tuple[Any, ...]:
    page = list(islice(reversed(documents.values()), page_size))
    meta = {"page_size": page_size, **({"after": page[-1]["id"]} if page else {})}
    return {"postmortem_documents": page, "pagination_meta": meta}, 200


async def not_here(**_: Any) -> tuple[dict[str, Any], int]:
    return refusal(501, "api_error")


FUNCTIONS = {
    "import_postmortem_document": import_postmortem_document,
    "show_postmortem_document": show_postmortem_document,
    "list_postmortem_documents": list_postmortem_documents,
    "know": know,
}


def create(document: str | dict[str, Any], *, checks: bool) -> AsyncApp:
    app = AsyncApp(__name__)
    resolver = Resolver(lambda name: FUNCTIONS.get(name.rpartition(".")[2], not_here))
    app.add_api(document, resolver=resolver, validate_responses=checks)
    return app


DOCUMENT = os.environ["PEER_DOCUMENT"]
PARSED = os.environ.get("PEER_PARSED") == "1"
app = create(
    json.loads(Path(DOCUMENT).read_text()) if PARSED else DOCUMENT,
    checks=os.environ.get("PEER_CHECKS") == "1",
)
