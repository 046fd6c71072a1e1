"""Answers whose headers are wrong."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import answer, headed
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Chapter, Forward, Memory, Raw
from contract_tests.mutants.operations import matches

MUTANTS = defect = Chapter("headers")


async def no_allow_on_405(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    return headed("Allow", None)(answered, asked) if answered.status == 405 else answered


async def strict_transport_everywhere(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Not for requests that came over https, but never."""
    return headed("Strict-Transport-Security", None)(await forward(asked), asked)


async def head_with_a_body(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    if asked.method != "HEAD" or not asked.path.startswith("/api/v1/"):
        return await forward(asked)
    answered = await forward(replace(asked, method="GET"))
    lines = [
        f"HTTP/1.1 {answered.status} OK",
        *(f"{name}: {value}" for name, value in answered.headers),
        "",
        "",
    ]
    raise Raw("\r\n".join(lines).encode("latin-1") + answered.body)


async def head_is_refused(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    return replace(answered, status=405) if asked.method == "HEAD" and answered.status == 200 else answered


async def redirects_to_the_slash(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    url = urlsplit(asked.target)
    if not url.path.startswith("/api/v1/") or url.path.endswith("/"):
        return await forward(asked)
    where = f"{url.path}/?{url.query}" if url.query else f"{url.path}/"
    return Answered(307, (("Location", where), ("Content-Length", "0")))


defect("405-no-allow", ONCALL, "A 405 does not say what is allowed.", no_allow_on_405)
defect(
    "allow-of-the-list",
    ONCALL,
    "A single postmortem allows what the list does.",
    answer("postmortems.get postmortems.put", headed("Allow", "GET, POST, HEAD, OPTIONS")),
)
defect(
    "allow-of-an-action",
    ONCALL,
    "An action on an alert group says that it allows GET.",
    answer("groups.acknowledge groups.silence", headed("Allow", "GET, POST, OPTIONS")),
)
defect(
    "charset",
    ONCALL,
    "The Content-Type of postmortems says a charset.",
    answer("postmortems.*", headed("Content-Type", lambda value: f"{value}; charset=utf-8")),
)
defect(
    "html-content-type",
    ONCALL,
    "Create answers JSON that is announced as text/html.",
    answer("postmortems.create", headed("Content-Type", "text/html")),
)
defect(
    "sniffing",
    ONCALL,
    "Lists lack X-Content-Type-Options.",
    answer("*.list", headed("X-Content-Type-Options", None)),
)
defect(
    "refusals-without-vary",
    ONCALL,
    "Refusals for a bad token lack Vary.",
    answer("*", headed("Vary", None), when=403),
)
defect(
    "www-authenticate",
    ONCALL,
    "A refusal for a bad token has WWW-Authenticate.",
    answer("*", headed("WWW-Authenticate", "Token"), when=403),
)
defect(
    "location-on-create",
    ONCALL,
    "A create has a Location.",
    answer("postmortems.create", headed("Location", "/api/v1/postmortems/")),
)
defect("etag", ONCALL, "Get has an ETag.", answer("postmortems.get", headed("ETag", '"1"')))
defect(
    "retry-after-always",
    ONCALL,
    "Lists that are answered have Retry-After.",
    answer("*.list", headed("Retry-After", "1")),
)
defect("no-hsts", ONCALL, "Behind https there is no Strict-Transport-Security.", strict_transport_everywhere)
defect(
    "delete-with-type",
    ONCALL,
    "A 204 has a Content-Type.",
    answer("*.delete", headed("Content-Type", "application/json")),
)
defect("head-with-body", ONCALL, "HEAD is answered with the body of GET.", head_with_a_body)
defect("head-405", ONCALL, "HEAD is refused with 405.", head_is_refused)
defect("slash-redirect", ONCALL, "A path without its last slash is redirected.", redirects_to_the_slash)


async def html_for_unknown_paths_is_json(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if answered.status == 404 and (answered.header("Content-Type") or "").startswith("text/html"):
        return headed("Content-Type", "application/json")(answered, asked)
    return answered


defect(
    "unknown-path-json",
    ONCALL,
    "The page for an unknown path is announced as JSON.",
    html_for_unknown_paths_is_json,
)

IMPORT = "documents.import"
defect("no-location", INCIDENT, "An import has no Location.", answer(IMPORT, headed("Location", None)))
defect(
    "location-of-another",
    INCIDENT,
    "The Location of an import ends in an id that is not the document's.",
    answer(IMPORT, headed("Location", lambda value: value[:-4] + "0000")),
)
defect(
    "location-relative",
    INCIDENT,
    "The Location of an import is a path.",
    answer(IMPORT, headed("Location", lambda value: urlsplit(value).path)),
)
defect(
    "location-of-the-incident",
    INCIDENT,
    "The Location of an import is the incident's address.",
    answer(IMPORT, headed("Location", lambda value: value.replace("postmortem_documents", "incidents"))),
)
defect(
    "plain-content-type",
    INCIDENT,
    "Documents are announced as text/plain.",
    answer("documents.get documents.list", headed("Content-Type", "text/plain")),
)
defect(
    "errors-as-html",
    INCIDENT,
    "Errors are announced as text/html.",
    answer("*", headed("Content-Type", "text/html"), when=lambda status: 400 <= status < 500),
)


async def unrouted_has_a_body(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if answered.status == 404 and not answered.body and not matches(asked, "*"):
        return replace(answered, body=b'{"message":"no Route matched"}')
    return answered


defect(
    "unrouted-body", INCIDENT, "A path that is not routed answers a body of a gateway's.", unrouted_has_a_body
)
