from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mockserver.core.errors import Breach
from mockserver.core.exchange import Answer
from mockserver.core.provider import Operation
from mockserver.server import resources
from mockserver.server.documents import load_document, operations_of
from mockserver.server.whereabouts import Place, Whereabouts

PROVIDERS = ("grafana-oncall", "incident-io")


def whereabouts(provider: str, specs: Path | None = None) -> Whereabouts:
    return Whereabouts(provider, load_document(provider, specs), specs)


def line_of(place: Place) -> str:
    return (resources.folder("specs").parent / place.file).read_text("utf-8").splitlines()[place.line - 1]


def operation(id_: str, method: str, path: str) -> Operation:
    return Operation(id=id_, method=method, path=path, handler=lambda visit: Answer(200))


def every_operation(provider: str) -> Iterator[tuple[Operation, Mapping[str, Any]]]:
    for path, method, content in operations_of(load_document(provider)):
        yield operation(content["operationId"], method.upper(), path), content


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_operation_and_every_status_of_it_is_found_on_its_line(provider: str) -> None:
    where = whereabouts(provider)
    for one, content in every_operation(provider):
        place = where.place(where.of_operation(one))
        assert line_of(place).strip() == f"{one.method.lower()}:", place
        for status in content["responses"]:
            pointer = where.of_status(one, int(status))
            assert pointer is not None
            place = where.place(pointer)
            assert line_of(place).strip().strip("'\"").startswith(status), place


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_pointer_leads_through_the_served_document(provider: str) -> None:
    where, document = whereabouts(provider), load_document(provider)
    for one, content in every_operation(provider):
        for status in content["responses"]:
            pointer = where.of_status(one, int(status))
            assert pointer is not None
            node: Any = document
            for step in where.place(pointer).pointer.split("/")[1:]:
                node = node[step.replace("~1", "/").replace("~0", "~")]
            assert node is content["responses"][status] or node == content["responses"][status]


def test_a_status_that_the_document_does_not_promise_is_nowhere() -> None:
    one, _ = next(every_operation("incident-io"))
    assert whereabouts("incident-io").of_status(one, 418) is None


IMPORT = operation(
    "Incidents V2_ImportPostmortemDocument", "POST", "/v2/incidents/{id}/actions/import_postmortem_document"
)
EDIT = operation("Incidents V2_Edit", "POST", "/v2/incidents/{id}/actions/edit")
CREATE = operation("Incidents V2_Create", "POST", "/v2/incidents")
LIST = operation("Incidents V2_List", "GET", "/v2/incidents")
POSTMORTEM = operation("create_postmortem", "POST", "/api/v1/postmortems/")


@pytest.mark.parametrize(
    "one, breach, ending",
    [
        (IMPORT, Breach(("title",), "type"), "/properties/title/type"),
        (IMPORT, Breach(("content",), "required"), "/required"),
        (CREATE, Breach(("mode",), "enum"), "/properties/mode/enum"),
        (CREATE, Breach(("severity_id",), "severity-required"), "/properties/severity_id"),
        (
            CREATE,
            Breach(("custom_field_entries", "3", "custom_field_id"), "type"),
            "/properties/custom_field_id/type",
        ),
        (EDIT, Breach(("incident", "name"), "type"), "/properties/name/type"),
        (LIST, Breach(("page_size",), "minimum", where="query"), "/schema/minimum"),
        (LIST, Breach(("sort_by",), "enum", where="query"), "/schema/enum"),
        (LIST, Breach(("created_at",), "date", where="query"), "/schema"),
        (POSTMORTEM, Breach(("text",), "anyOf"), "/anyOf"),
        (POSTMORTEM, Breach(("text",), "blank"), "/components/schemas/Text"),
        (POSTMORTEM, Breach((), "type"), "/type"),
    ],
)
def test_a_breach_is_where_the_keyword_is_that_was_broken(
    one: Operation, breach: Breach, ending: str
) -> None:
    provider = "grafana-oncall" if one is POSTMORTEM else "incident-io"
    where = whereabouts(provider)
    pointer = where.of_breach(one, breach)
    assert pointer is not None
    place = where.place(pointer)
    assert place.pointer.endswith(ending)
    assert pointer[-1] in line_of(place) or pointer[-1] == "schema"


@pytest.mark.parametrize(
    "breach",
    [
        Breach(("nowhere",), "type"),
        Breach(("title", "deeper"), "type"),
        Breach(("nowhere",), "type", where="query"),
    ],
)
def test_what_no_schema_speaks_of_is_nowhere(breach: Breach) -> None:
    assert whereabouts("incident-io").of_breach(IMPORT, breach) is None


def test_a_body_that_nothing_is_said_of_breaks_nothing() -> None:
    assert whereabouts("incident-io").of_breach(LIST, Breach(("a",), "type")) is None


def test_head_is_where_get_is_and_other_methods_are_where_their_path_is() -> None:
    where = whereabouts("grafana-oncall")
    head = operation("list_postmortems", "HEAD", "/api/v1/postmortems/")
    options = operation("options", "OPTIONS", "/api/v1/postmortems/")
    assert where.of_operation(head) == ("paths", "/api/v1/postmortems/", "get")
    assert where.of_operation(options) == ("paths", "/api/v1/postmortems/")
    assert line_of(where.place(where.of_operation(options))).strip() == "/api/v1/postmortems/:"


UPSTREAM = """openapi: 3.0.3
info: {title: One, version: '1'}
paths:
  /a:
    get:
      operationId: a
      responses:
        '200': {description: fine}
"""
OVERLAY = """overlay: 1.0.0
actions:
  - target: $.paths['/a'].get.responses
    update:
      '404':
        description: not there
  - target: $.paths['/a'].get
    update:
      parameters: [{name: q, in: query, required: true, schema: {type: integer}}]
"""


def test_what_an_overlay_adds_is_found_in_the_overlay(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "upstream.yaml").write_text(UPSTREAM)
    (folder / "overlay.yaml").write_text(OVERLAY)
    where, one = whereabouts("one", tmp_path), operation("a", "GET", "/a")
    told = [where.of_operation(one), where.of_status(one, 200), where.of_status(one, 404)]
    told += [where.of_breach(one, Breach(("q",), rule, where="query")) for rule in ("required", "type")]
    places = [where.place(pointer) for pointer in told if pointer]
    assert [(Path(place.file).name, place.line) for place in places] == [
        ("upstream.yaml", 5),
        ("upstream.yaml", 8),
        ("overlay.yaml", 5),
        ("overlay.yaml", 9),
        ("overlay.yaml", 9),
    ]
    assert Path(places[0].file) == folder / "upstream.yaml"
