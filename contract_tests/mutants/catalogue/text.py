"""Texts that come back as something else."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable

from contract_tests.mutants.changes import Json, answer, ask, each, rebody
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Act, Chapter

MUTANTS = defect = Chapter("text")


def kept(where: str, name: str, change: Callable[[str], str]) -> Act:
    """A text is stored as what the function makes of it."""

    def changed(body: Json) -> Json:
        return (
            {**body, name: change(body[name]) if isinstance(body.get(name), str) else body.get(name)}
            if name in body
            else body
        )

    return ask(where, rebody(changed))


def shown(where: str, name: str, change: Callable[[str], str]) -> Act:
    """A text is stored as it was sent, and shown as what the function makes of it."""

    def changed(record: Json) -> None:
        if isinstance(record.get(name), str):
            record[name] = change(record[name])

    return answer(where, each(changed))


def without_plane_1(text: str) -> str:
    return "".join(letter if ord(letter) <= 0xFFFF else "�" for letter in text)


def ascii_only(text: str) -> str:
    return text.encode("ascii", "replace").decode()


WRITES, NOTES = "postmortems.create postmortems.put", "notes.create notes.put notes.patch"
defect(
    "beyond-bmp-lost", ONCALL, "Emoji in a text become question marks.", kept(WRITES, "text", without_plane_1)
)
defect("latin-1-lost", ONCALL, "Letters with accents become question marks.", kept(NOTES, "text", ascii_only))
defect(
    "cut-at-255", ONCALL, "Texts are cut after 255 letters.", kept(WRITES, "text", lambda text: text[:255])
)
defect(
    "cut-at-65535",
    ONCALL,
    "Texts are cut after 65,535 letters.",
    kept(WRITES, "text", lambda text: text[:65_535]),
)
defect(
    "line-ends",
    ONCALL,
    "Line ends become those of Unix.",
    kept(WRITES, "text", lambda text: text.replace("\r\n", "\n").replace("\r", "\n")),
)
defect(
    "composed",
    ONCALL,
    "Texts are stored in composed form (NFC).",
    kept(WRITES, "text", lambda text: unicodedata.normalize("NFC", text)),
)
defect(
    "escaped",
    ONCALL,
    "Texts are shown with HTML escaped.",
    shown("postmortems.get postmortems.list", "text", html.escape),
)
defect(
    "tags-taken-out",
    ONCALL,
    "What looks like a tag is taken out of notes.",
    kept(
        NOTES, "text", lambda text: text.replace("<script>", "").replace("</script>", "").replace("<b>", "")
    ),
)
defect(
    "not-trimmed",
    ONCALL,
    "White space at the ends of a text is shown.",
    shown("postmortems.get", "text", lambda text: f"{text}\n"),
)
defect(
    "zero-width-lost",
    ONCALL,
    "Zero-width spaces are taken out.",
    kept(WRITES, "text", lambda text: text.replace("\u200b", "").replace("\ufeff", "")),
)
defect(
    "blanks-joined",
    ONCALL,
    "Several blanks in a text become one.",
    kept(
        WRITES + " " + NOTES,
        "text",
        lambda text: (
            " ".join(text.split(" ")) if "  " not in text else " ".join(filter(None, text.split(" ")))
        ),
    ),
)
defect(
    "message-lower-case",
    ONCALL,
    "Messages are shown in lower case.",
    shown("messages.get messages.list", "text", str.lower),
)

TITLE = "documents.import"
defect(
    "title-trimmed",
    INCIDENT,
    "The title of an import loses white space at its ends.",
    kept(TITLE, "title", str.strip),
)
defect(
    "title-cut-at-255",
    INCIDENT,
    "The title of an import is cut after 255 letters.",
    kept(TITLE, "title", lambda text: text[:255]),
)
defect(
    "title-latin-1-lost",
    INCIDENT,
    "Letters with accents in a title become question marks.",
    kept(TITLE, "title", ascii_only),
)
defect(
    "title-escaped",
    INCIDENT,
    "Titles are shown with HTML escaped.",
    shown("documents.*", "title", html.escape),
)
defect(
    "title-first-line",
    INCIDENT,
    "Of a title the first line is kept.",
    kept(TITLE, "title", lambda text: text.split("\n")[0]),
)
defect(
    "content-beyond-bmp-lost",
    INCIDENT,
    "Emoji in a content become question marks.",
    kept(TITLE, "content", without_plane_1),
)
defect(
    "content-cut-at-65535",
    INCIDENT,
    "Contents are cut after 65,535 letters.",
    kept(TITLE, "content", lambda text: text[:65_535]),
)
defect(
    "content-without-bold",
    INCIDENT,
    "Bold text in a content loses its stars.",
    kept(TITLE, "content", lambda text: text.replace("**", "")),
)
defect(
    "content-without-tables",
    INCIDENT,
    "Tables are taken out of a content.",
    kept(
        TITLE,
        "content",
        lambda text: "\n".join(line for line in text.split("\n") if not line.startswith("|")),
    ),
)
defect(
    "follow-up-title-cut",
    INCIDENT,
    "The title of a follow-up is cut after 50 letters.",
    kept("follow-ups.create follow-ups.put", "title", lambda text: text[:50]),
)
defect(
    "incident-name-lower-case",
    INCIDENT,
    "The name of an incident is kept in lower case.",
    kept("incidents.create", "name", str.lower),
)
defect(
    "update-message-cut",
    INCIDENT,
    "The message of an update loses its last word.",
    kept("updates.create", "message", lambda text: text.rpartition(" ")[0] or text),
)
