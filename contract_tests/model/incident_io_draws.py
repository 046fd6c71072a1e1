"""What is drawn to ask incident.io with: callers, texts, filters, bodies that are to be refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from contract_tests.deployment import Deployment

Json = dict[str, Any]
Query = list[tuple[str, str]]

# Single lines that are easily changed on the way: by encodings, trimming, normalising, escaping, cutting, guessing.
TEXTS = [
    "INC-1: Post-incident review",
    "Crème brûlée, кириллица, 磁盘已满, עברית",
    "Astral 🔥 𝒳 👩\u200d🚒",
    "\u00e9 and e\u0301, \u212b and \u00c5",
    "ÿ \u0080 latin, ß and ẞ, İ and ı, ſ",
    "<b>bold</b> &amp; &lt; \"quoted\" 'x' \\ / \\n \\u0041",
    "100% %41 + %2B ?a=b&c=d #x ; ,",
    "0",
    "1e5",
    "null",
    "Zero\u200bwidth\u2028line\u2029end\u00a0no break \ufeff",
    "{{title}} ${title} {0} %s `x` *x* _x_ [x](y)",
    "long " + "x" * 300,
    "longer " + "ab 🔥 " * 2000,
]
# For what need not be a name: ends that are easily trimmed, line ends, nothing at all.
ODD_TEXTS = ["", " ", "  padded\t", "a\r\nb\nc\rd", "control \x01\x1b[31m\x7f", "\u0000 nil"]
CONTENTS = [
    "## Summary\n\nThe disk was full.\n",
    "## Zusammenfassung\n\nDie Platte war voll 🔥 naïve Größe e\u0301.\n\n## Folgen\n\nKeine.\n",
    "One line. Another line, and more\r\n\r\nAfter a Windows line end",
    "## Long\n\n" + "Words and words again " * 400 + "end\n",
    "",
    "| a | b |\n|---|---|\n| table | cell |\n\n<details>html</details>\n\n```\ncode\n```\n",
    "* **Bold** item\n* *Second* item\n\n1. first\n2. second\n",
]
TITLES = TEXTS + ODD_TEXTS
NAMES = [text for text in TEXTS if len(text) < 1000]
PAGE_SIZES = ["", "1", "2", "3", "25", "250", "0", "251", "501", "many", "-1"]

FULL, OTHER = "the key", "the key of another organisation"


@dataclass(frozen=True)
class Sender:
    """Who sends a request, as the story calls them."""

    name: str
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()


def senders(deployment: Deployment) -> dict[str, Sender]:
    """Every way to be somebody or nobody, as far as the deployment's keys are known."""
    key = deployment.incident_key
    fields = {
        FULL: key,
        OTHER: deployment.incident_other_organisation_key,
        "a key without scopes": deployment.incident_key_without_scope,
        "a key that only reads": deployment.incident_view_key,
        "a key that only renames": deployment.incident_rename_key,
        "a key that only shares messages": deployment.incident_message_key,
        "a key of nobody": "no-key-of-anybody",
        "a key with a letter more": f"{key}x",
        "a key in capitals": key.upper() if key.upper() != key else "",
        "a key cut short": key[:-1],
    }
    found = {
        name: Sender(name, (("Authorization", f"Bearer {token}"),)) for name, token in fields.items() if token
    }
    others = [
        Sender("nobody"),
        Sender(
            "nobody, with the key in the query", query=(("access_token", key), ("api_key", key), ("key", key))
        ),
        Sender(
            "nobody, with the key in another header",
            (("X-Api-Key", key), ("X-Authorization", f"Bearer {key}")),
        ),
        Sender("nobody, with the key in a cookie", (("Cookie", f"token={key}; Authorization=Bearer {key}"),)),
        Sender("a bare key", (("Authorization", key),)),
        Sender("the key by another scheme", (("Authorization", f"Basic {key}"),)),
    ]
    return found | {sender.name: sender for sender in others}


LISTS = ["/v1/postmortem_documents", "/v3/follow_ups", "/v2/incidents", "/v2/incident_updates"]
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
WRONG_BODIES: list[Any] = [
    b"{",
    b"",
    b"[]",
    b"null",
    b'"text"',
    {},
    {
        "title": 5,
        "content": 5,
        "status": 5,
        "incident_id": 5,
        "visibility": 5,
        "idempotency_key": 5,
        "incident": 5,
    },
    {
        "title": None,
        "content": "x",
        "status": None,
        "incident_id": None,
        "permalink": "x",
        "visibility": "public",
    },
    {"title": "x", "content": ["x"], "status": "done", "incident_id": UNKNOWN, "visibility": "secret"},
    {
        "title": "x",
        "status": "deleted",
        "permalink": {},
        "incident": {},
        "idempotency_key": "x",
        "labels": "x",
    },
]


def writes(incident: str, document: str, follow_up: str) -> list[tuple[str, str]]:
    return [
        ("POST", f"/v2/incidents/{incident}/actions/import_postmortem_document"),
        ("POST", f"/v2/incidents/{incident}/actions/edit"),
        ("POST", "/v2/incidents"),
        ("POST", "/v2/incident_updates"),
        ("POST", "/v1/postmortem_documents/actions/attach"),
        ("PUT", f"/v1/postmortem_documents/{document}"),
        ("POST", "/v3/follow_ups"),
        ("PUT", f"/v3/follow_ups/{follow_up}"),
        ("DELETE", f"/v3/follow_ups/{follow_up}"),
    ]


def reads(incident: str, document: str, follow_up: str) -> list[str]:
    found = [
        f"/v2/incidents/{incident}",
        f"/v1/postmortem_documents/{document}",
        f"/v3/follow_ups/{follow_up}",
    ]
    found += [f"/v1/postmortem_documents/{document}/content", "/v1/identity", *LISTS]
    return [*found, *(f"{path}?incident_id={quote(incident)}" for path in LISTS if path != "/v2/incidents")]


def valid_body(method: str, path: str, incident: str, tag: str) -> Json | None:
    """A body that would be accepted of somebody who may."""
    if method == "DELETE":
        return None
    if path.endswith("edit"):
        return {"incident": {"name": f"Edited {tag}"}, "notify_incident_channel": False}
    if path.endswith("/incidents"):
        return {"idempotency_key": tag, "visibility": "public", "mode": "test"}
    if path.endswith("incident_updates"):
        return {"idempotency_key": tag, "incident_id": incident, "message": tag}
    return {
        "title": f"Written {tag}",
        "content": tag,
        "status": "completed",
        "incident_id": incident,
        "permalink": f"https://example.com/{tag}",
    }
