"""Addresses in answers that lead elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import Change, Json, answer, each, read, said, with_json
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Chapter
from contract_tests.mutants.operations import operation_of

MUTANTS = defect = Chapter("links")

LISTS = "postmortems.list notes.list messages.list groups.list"


def link(*names: str, to: Callable[[str], str]) -> Change:
    def change(body: Json) -> None:
        for name in names:
            if body[name] is not None:
                body[name] = to(body[name])

    return said(change)


def with_query(change: Callable[[list[tuple[str, str]]], list[tuple[str, str]]]) -> Callable[[str], str]:
    def changed(url: str) -> str:
        parts = urlsplit(url)
        query = change(parse_qsl(parts.query, keep_blank_values=True))
        return parts._replace(query=urlencode(query)).geturl()

    return changed


def drop(name: str) -> Callable[[str], str]:
    return with_query(lambda pairs: [pair for pair in pairs if pair[0] != name])


def _next_is_itself(answered: Answered, asked: Asked) -> Answered:
    body = read(answered)
    if body["next"] is None:
        return answered
    parts = urlsplit(body["next"])
    return with_json(answered, {**body, "next": f"{parts.scheme}://{parts.netloc}{asked.target}"})


def _always_next(answered: Answered, asked: Asked) -> Answered:
    body = read(answered)
    if body["next"] is None:
        body["next"] = f"http://{asked.header('Host')}{asked.target}"
    return with_json(answered, body)


def _never_previous(body: Json) -> None:
    body["previous"] = None


def _page_one_said(url: str) -> str:
    return url if "page=" in url.replace("perpage=", "") else url + ("&" if "?" in url else "?") + "page=1"


defect(
    "next-drops-filter",
    ONCALL,
    "The next page is that of the list without its filter.",
    answer("postmortems.list notes.list", link("next", to=drop("alert_group_id"))),
)
defect(
    "groups-next-drops-filter",
    ONCALL,
    "The next page of alert groups forgets the state that was asked for.",
    answer("groups.list", link("next", to=drop("state"))),
)
defect(
    "next-drops-perpage",
    ONCALL,
    "The next page has another size.",
    answer("postmortems.list", link("next", "previous", to=drop("perpage"))),
)
defect(
    "next-always", ONCALL, "The last page has a next one: itself.", answer("postmortems.list", _always_next)
)
defect("next-itself", ONCALL, "The next page is the page.", answer("notes.list", _next_is_itself))
defect(
    "next-relative",
    ONCALL,
    "Next and previous have no host.",
    answer(
        LISTS, link("next", "previous", to=lambda url: urlsplit(url)._replace(scheme="", netloc="").geturl())
    ),
)
defect(
    "next-elsewhere",
    ONCALL,
    "Next names a host inside the vendor's network.",
    answer(
        LISTS, link("next", to=lambda url: urlsplit(url)._replace(netloc="engine.internal:8080").geturl())
    ),
)
defect(
    "previous-null",
    ONCALL,
    "No page of postmortems has a previous one.",
    answer("postmortems.list", said(_never_previous)),
)
defect(
    "previous-says-page-1",
    ONCALL,
    "Previous says page=1.",
    answer("postmortems.list", link("previous", to=_page_one_said)),
)
defect(
    "links-unsorted",
    ONCALL,
    "The query of next is sorted from Z to A.",
    answer(
        "postmortems.list notes.list", link("next", to=with_query(lambda pairs: sorted(pairs, reverse=True)))
    ),
)
defect(
    "next-one-too-far",
    ONCALL,
    "Next skips a page.",
    answer(
        "messages.list",
        link(
            "next",
            to=with_query(lambda pairs: [(n, str(int(v) + 1) if n == "page" else v) for n, v in pairs]),
        ),
    ),
)
defect(
    "permalink-of-another",
    ONCALL,
    "permalinks.web of an alert group names another one.",
    answer(
        "groups.list groups.get",
        each(lambda group: group["permalinks"].update(web=group["permalinks"]["web"][:-4] + "1111")),
    ),
)


def _other_page(record: Json) -> None:
    record["document_url"] = record["document_url"].replace("/post-mortems/", "/post-mortems/0")


def _other_number(record: Json) -> None:
    before, _, after = record["document_url"].partition("/incidents/")
    if after:
        record["document_url"] = (
            f"{before}/incidents/{int(after.split('/')[0]) + 1}/{after.partition('/')[2]}"
        )


def _by_id(incident: Json) -> None:
    incident["permalink"] = incident["permalink"].replace("app.incident.io", "app.incident.example")


def _no_dashes(incident: Json) -> None:
    incident["reference"] = incident["reference"].replace("-", "")


def main_address_gone(record: Json) -> None:
    record.pop("postmortem_document_url", None)


def _first_main_id(answered: Answered, asked: Asked) -> Answered:
    body = read(answered)
    operation = operation_of(asked)
    incident: Any = body["incident"]
    if operation is not None and incident.get("postmortem_document_ids"):
        incident["postmortem_document_ids"] = incident["postmortem_document_ids"][:1]
    return with_json(answered, body)


defect(
    "document-url-id",
    INCIDENT,
    "document_url ends in another id.",
    answer("documents.import documents.get documents.list", each(_other_page)),
)
defect(
    "document-url-number",
    INCIDENT,
    "document_url is a page of the next incident.",
    answer("documents.import documents.get", each(_other_number)),
)
defect(
    "permalink-host",
    INCIDENT,
    "The permalink of an incident names another host.",
    answer("incidents.*", each(_by_id)),
)
defect(
    "reference-form",
    INCIDENT,
    "The reference of an incident has no hyphen.",
    answer("incidents.get incidents.list", each(_no_dashes)),
)
defect(
    "main-document-missing",
    INCIDENT,
    "An incident does not tell the address of its main document.",
    answer("incidents.get", each(main_address_gone)),
)
defect(
    "documents-only-first",
    INCIDENT,
    "An incident names the first of its documents alone.",
    answer("incidents.get", _first_main_id),
)
