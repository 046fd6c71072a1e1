"""Bodies that are too large, oddly encoded, or cut off."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import dumped, other, read, sending, with_body, with_header
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Act, Chapter, Forward, Memory, Raw
from contract_tests.mutants.operations import matches, operation_of

MUTANTS = defect = Chapter("encoding and size")
ODD = "only an odd body shows it"


def crashes_if(where: str, odd: Callable[[Asked], bool]) -> Act:
    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if matches(asked, where) and odd(asked):
            return Answered(500, (("Content-Type", "text/html"),), b"<h1>Server Error (500)</h1>")
        return await forward(asked)

    return act


def no_json(asked: Asked) -> bool:
    return bool(asked.body) and read(asked) is None and asked.body.strip() != b"null" and _says_json(asked)


def _says_json(asked: Asked) -> bool:
    return "json" in (asked.header("Content-Type") or "json")


def beyond_bmp(asked: Asked) -> bool:
    return any(ord(letter) > 0xFFFF for letter in str(read(asked)))


def no_object(asked: Asked) -> bool:
    return _says_json(asked) and bool(asked.body) and not isinstance(read(asked), dict | None)


def refuses_type(kind: str) -> Act:
    """Bodies of a type that should be read are refused."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if matches(asked, "*") and (asked.header("Content-Type") or "").startswith(kind):
            asked = replace(
                asked, headers=with_header(asked.headers, "Content-Type", "application/x-unheard-of")
            )
        return await forward(asked)

    return act


async def charset_is_refused(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "*") and "charset" in (asked.header("Content-Type") or ""):
        asked = replace(asked, headers=with_header(asked.headers, "Content-Type", "application/x-unheard-of"))
    return await forward(asked)


def large_is_refused(where: str, largest: int) -> Act:
    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if matches(asked, where) and len(asked.body) > largest:
            return Answered(413, (("Content-Type", "text/html"),), b"<h1>413 Request Entity Too Large</h1>")
        return await forward(asked)

    return act


async def large_hangs_up(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "documents.import") and len(asked.body) > 60_000:
        raise Raw
    return await forward(asked)


async def long_lists_are_cut(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """The connection is closed in the middle of an answer of more than 8 KiB."""
    answered = await forward(asked)
    if matches(asked, "*.list") and len(answered.body) > 8192:
        lines = [
            f"HTTP/1.1 {answered.status} OK",
            *(f"{name}: {value}" for name, value in answered.headers),
            "",
            "",
        ]
        raise Raw("\r\n".join(lines).encode("latin-1") + answered.body[:8192])
    return answered


async def first_key_counts(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Of two equal keys in a body the first counts."""
    if matches(asked, "*") and asked.body[:1] == b"{":
        try:
            pairs = json.loads(asked.body, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
        except (ValueError, RecursionError):
            return await forward(asked)
        if pairs != read(asked):
            asked = sending(asked, dumped(pairs))
    return await forward(asked)


async def latin_1_is_read(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Bodies are read as latin-1."""
    if matches(asked, "notes.create documents.import") and not asked.body.isascii() and _says_json(asked):
        asked = sending(asked, asked.body.decode("latin-1").encode())
    return await forward(asked)


async def chunks_are_not_read(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "*") and "chunked" in (asked.header("Transfer-Encoding") or ""):
        asked = sending(asked, b"")
    return await forward(asked)


async def nan_is_read(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """NaN and Infinity are read as numbers."""
    if matches(asked, "*.create documents.import") and (b"NaN" in asked.body or b"Infinity" in asked.body):
        body = asked.body.replace(b"-Infinity", b"0").replace(b"Infinity", b"0").replace(b"NaN", b"0")
        return await forward(sending(asked, body))
    return await forward(asked)


async def broken_is_empty(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """A body that is no JSON is read as an empty object."""
    return await forward(sending(asked, b"{}") if matches(asked, "*") and no_json(asked) else asked)


async def tail_is_ignored(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """What follows the JSON in a body is ignored."""
    if matches(asked, "*") and no_json(asked):
        try:
            text = asked.body.decode()
            value, end = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            return await forward(asked)
        if isinstance(value, dict) and text[end:].strip():
            asked = sending(asked, dumped(value))
    return await forward(asked)


async def answers_are_latin_1(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Answers are latin-1 where that has the letters."""
    answered = await forward(asked)
    if operation_of(asked) is None or answered.body.isascii():
        return answered
    try:
        return with_body(answered, answered.body.decode().encode("latin-1"))
    except UnicodeError:
        return answered


async def accept_is_not_read(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Accept makes no difference: what should be 406 is JSON."""
    if operation_of(asked) is not None and asked.header("Accept") not in (None, "*/*"):
        asked = replace(asked, headers=with_header(asked.headers, "Accept", "*/*"))
    return await forward(asked)


async def not_acceptable_writes(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """A create that is refused with 406 is carried out."""
    answered = await forward(asked)
    if answered.status == 406 and asked.method == "POST":
        await forward(replace(asked, headers=with_header(asked.headers, "Accept", "*/*")))
    return answered


async def no_object_is_empty(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    return await forward(sending(asked, b"{}") if matches(asked, "*") and no_object(asked) else asked)


async def delete_reads_its_body(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if matches(asked, "postmortems.delete notes.delete") and no_json(asked):
        refused = await forward(other(asked, "GET", asked.target))
        return with_body(replace(refused, status=400), b'{"detail":"JSON parse error - "}')
    return await forward(asked)


ALL = "postmortems.create notes.create messages.create"
defect("500-beyond-bmp", ONCALL, "An emoji in a text answers 500.", crashes_if("*.create *.put", beyond_bmp))
defect(
    "500-malformed",
    ONCALL,
    "A body that is no JSON answers 500.",
    crashes_if("postmortems.put notes.create", no_json),
)
defect(
    "500-no-object",
    ONCALL,
    "A body that is no object answers 500.",
    crashes_if("messages.create", no_object),
    hidden=ODD,
)
defect(
    "500-large",
    ONCALL,
    "A body of 64 KiB answers 500.",
    crashes_if(ALL, lambda asked: len(asked.body) > 65_536),
)
defect("413-large", ONCALL, "A body of 32 KiB is refused with a proxy's 413.", large_is_refused(ALL, 32_768))
defect(
    "forms-refused",
    ONCALL,
    "Bodies in the form of a web form are refused.",
    refuses_type("application/x-www-form-urlencoded"),
    hidden=ODD,
)
defect(
    "multipart-refused",
    ONCALL,
    "Multipart bodies are refused.",
    refuses_type("multipart/form-data"),
    hidden=ODD,
)
defect("charset-refused", ONCALL, "A charset in the Content-Type is refused.", charset_is_refused, hidden=ODD)
defect("lists-cut", ONCALL, "Long lists are cut off.", long_lists_are_cut)
defect("first-key", ONCALL, "Of two equal keys in a body the first counts.", first_key_counts, hidden=ODD)
defect("read-as-latin-1", ONCALL, "Notes are read as latin-1.", latin_1_is_read)
defect("chunks-empty", ONCALL, "A body in chunks is taken as empty.", chunks_are_not_read, hidden=ODD)
defect("nan-read", ONCALL, "NaN in a body is taken for 0.", nan_is_read, hidden=ODD)
defect("broken-is-empty", ONCALL, "A body that is no JSON is taken for an empty object.", broken_is_empty)
defect("answers-latin-1", ONCALL, "Answers come in latin-1.", answers_are_latin_1)
defect("accept-ignored", ONCALL, "Accept is not looked at.", accept_is_not_read, hidden=ODD)
defect(
    "406-writes", ONCALL, "A create is refused with 406 and carried out.", not_acceptable_writes, hidden=ODD
)
defect(
    "no-object-empty",
    ONCALL,
    "A body that is no object is taken for an empty one.",
    no_object_is_empty,
    hidden=ODD,
)
defect("delete-parses", ONCALL, "DELETE refuses a malformed body.", delete_reads_its_body, hidden=ODD)
defect(
    "500-malformed", INCIDENT, "A body that is no JSON answers 500.", crashes_if("documents.import", no_json)
)
defect(
    "500-long-title",
    INCIDENT,
    "A title of more than 500 letters answers 500.",
    crashes_if(
        "documents.import",
        lambda asked: isinstance(body := read(asked), dict) and len(str(body.get("title"))) > 500,
    ),
)
defect(
    "500-no-object",
    INCIDENT,
    "A body that is no object answers 500.",
    crashes_if("*.create documents.import", no_object),
    hidden=ODD,
)
defect("hangs-up-on-large", INCIDENT, "The connection is closed on a content of 60 kB.", large_hangs_up)
defect("lists-cut", INCIDENT, "Long lists are cut off.", long_lists_are_cut)
defect("read-as-latin-1", INCIDENT, "Imports are read as latin-1.", latin_1_is_read)
defect("tail-ignored", INCIDENT, "What follows the JSON in a body is ignored.", tail_is_ignored, hidden=ODD)
defect("first-key", INCIDENT, "Of two equal keys in a body the first counts.", first_key_counts, hidden=ODD)
defect(
    "no-object-empty",
    INCIDENT,
    "A body that is no object is taken for an empty one.",
    no_object_is_empty,
    hidden=ODD,
)
defect("nan-read", INCIDENT, "NaN in a body is taken for 0.", nan_is_read, hidden=ODD)
defect("answers-latin-1", INCIDENT, "Answers come in latin-1.", answers_are_latin_1)
