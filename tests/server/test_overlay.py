from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.core.errors import ConfigurationError
from mockserver.server.documents import apply_overlay, load_document, operations_of
from mockserver.server.jsonpath import locations
from mockserver.server.jsonpathfinding import found

DOCUMENT: dict[str, Any] = {
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "a"}, {"url": "b"}],
    "paths": {"/x": {"get": {"tags": ["one"]}}, "/y": {"get": {"tags": ["two"]}}},
}
SOURCE = Path("overlay.yaml")


def applied(*actions: dict[str, Any]) -> dict[str, Any]:
    return apply_overlay(DOCUMENT, {"actions": list(actions)}, SOURCE)


def test_an_update_merges_objects_and_appends_to_arrays() -> None:
    result = applied({"target": "$.paths['/x'].get", "update": {"summary": "s", "tags": ["more"]}})
    assert result["paths"]["/x"]["get"] == {"summary": "s", "tags": ["one", "more"]}


def test_an_update_of_an_array_appends_one_item_or_all() -> None:
    assert applied({"target": "$.servers", "update": {"url": "c"}})["servers"][-1] == {"url": "c"}
    assert len(applied({"target": "$.servers", "update": [{"url": "c"}, {"url": "d"}]})["servers"]) == 4


def test_an_update_of_a_single_value_replaces_it() -> None:
    assert applied({"target": "$.info.version", "update": "2"})["info"] == {"title": "t", "version": "2"}


def test_a_removal_takes_every_match_away() -> None:
    assert applied({"target": "$.paths[*].get.tags", "remove": True})["paths"] == {
        "/x": {"get": {}},
        "/y": {"get": {}},
    }
    assert applied({"target": "$.servers[*]", "remove": True})["servers"] == []


def test_actions_apply_in_order_to_what_the_ones_before_have_made() -> None:
    result = applied(
        {"target": "$.servers", "remove": True},
        {"target": "$", "update": {"servers": [{"url": "/"}]}},
        {"target": "$.servers[0]", "update": {"description": "d"}},
    )
    assert result["servers"] == [{"url": "/", "description": "d"}]


def test_the_document_itself_stays_as_it_was() -> None:
    before = str(DOCUMENT)
    applied({"target": "$.info", "update": {"title": "changed"}}, {"target": "$.servers", "remove": True})
    assert str(DOCUMENT) == before


def test_an_update_used_twice_is_two_values() -> None:
    result = applied({"target": "$.paths[*].get", "update": {"extra": {"list": []}}})
    result["paths"]["/x"]["get"]["extra"]["list"].append(1)
    assert result["paths"]["/y"]["get"]["extra"]["list"] == []


@pytest.mark.parametrize(
    "action, sentence",
    [
        (
            {"target": "$.nothing", "update": {}},
            r"overlay.yaml: action 1: target '\$.nothing' matches nothing",
        ),
        ({"target": "$[", "update": {}}, r"overlay.yaml: action 1: '\$\[' is no JSONPath"),
        ({"update": {}}, r"overlay.yaml: action 1: target None matches nothing"),
    ],
)
def test_an_action_that_does_nothing_is_told(action: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        applied(action)


@pytest.mark.parametrize(
    "content, sentence",
    [
        ("openapi: [", r"openapi.yaml:\d: "),
        ("- a list", "openapi.yaml: is not an object"),
        ("openapi: 3.0.3", "openapi.yaml: paths must be an object"),
        ("paths: &all {/x: *all}", "openapi.yaml: holds itself, through an alias"),
        ("paths: {/x: {$ref: '#/nowhere'}}", "openapi.yaml: \\$ref '#/nowhere' leads nowhere"),
        ("paths: {/x: {$ref: '#/paths'}}", "openapi.yaml: \\$ref '#/paths' leads outside of components"),
        ("paths: {? [a] : b}", "openapi.yaml:1: a key must be a single value"),
        ("paths: !!python/none x", "openapi.yaml:1: could not determine a constructor"),
        ("paths: 2020-02-31", "openapi.yaml:1: day is out of range for month"),
        ("paths: " + "[" * 257 + "]" * 257, "openapi.yaml:1: more than 256 levels deep"),
    ],
)
def test_a_broken_document_is_told_with_its_file(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "openapi.yaml").write_text(content)
    with pytest.raises(ConfigurationError, match=sentence):
        load_document("vendor", tmp_path)


def test_a_document_that_is_not_there_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    with pytest.raises(ConfigurationError, match=r"upstream.yaml: cannot be read: No such file"):
        load_document("vendor", tmp_path)


def test_a_document_that_is_no_text_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "openapi.yaml").write_bytes(b"a: \xff")
    with pytest.raises(ConfigurationError, match=r"openapi.yaml: is not UTF-8 \(byte 3\)"):
        load_document("vendor", tmp_path)


@pytest.mark.parametrize("actions", [None, {}, "x", ["x"], [[]], [{"target": "$", "remove": True}]])
def test_an_overlay_of_the_wrong_shape_is_told(actions: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"overlay.yaml: (actions must be a list|action 1: )"):
        apply_overlay(DOCUMENT, {"actions": actions}, SOURCE)


def test_what_yaml_makes_of_numbers_and_dates_is_read_as_json_would_hold_it(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    content = (
        "{x: 2020-01-01, y: [1.5, 0x1f, yes, ~], z: {<<: {a: 1}, b: 2}, $ref: '#/components/schemas/a~1b'}"
    )
    text = (
        f"paths: {{/a/b: {{get: {{responses: {{200: {content}}}}}}}}}\ncomponents: {{schemas: {{a/b: {{}}}}}}"
    )
    (tmp_path / "vendor" / "openapi.yaml").write_text(text)
    document = load_document("vendor", tmp_path)
    answer = document["paths"]["/a/b"]["get"]["responses"]["200"]
    assert answer["x"] == "2020-01-01"
    assert (answer["y"], answer["z"]) == ([1.5, 31, True, None], {"a": 1, "b": 2})
    assert [(path, method) for path, method, _ in operations_of(document)] == [("/a/b", "get")]


def write(folder: Path, **documents: Any) -> Path:
    (folder / "vendor").mkdir()
    for name, content in documents.items():
        (folder / "vendor" / f"{name}.yaml").write_text(json.dumps(content))
    return folder


def test_a_workflow_document_is_served_together_with_the_vendors(tmp_path: Path) -> None:
    more = {
        "tags": [{"name": "More"}],
        "paths": {"/z": {"get": {"responses": {"200": {"$ref": "#/components/responses/Z"}}}}},
        "components": {"responses": {"Z": {"description": "z"}}},
    }
    document = load_document("vendor", write(tmp_path, upstream=DOCUMENT, workflow=more))
    assert list(document["paths"]) == ["/x", "/y", "/z"]
    assert document["components"] == more["components"]
    assert document["tags"] == more["tags"]


def test_what_the_vendors_document_declares_already_is_not_declared_again(tmp_path: Path) -> None:
    write(tmp_path, upstream=DOCUMENT, workflow={"paths": {"/x": {}}})
    with pytest.raises(ConfigurationError, match=r"workflow.yaml: paths: '/x' is declared already"):
        load_document("vendor", tmp_path)


@pytest.mark.parametrize(
    "path",
    ["$", "$.info", "$['paths']['/x'].get", "$.paths['/x', '/y', '/z'].get", "$.servers.url", "$.none"],
)
def test_a_path_of_names_leads_where_the_library_says(path: str) -> None:
    assert list(locations(path, DOCUMENT)) == list(found(path, DOCUMENT))
