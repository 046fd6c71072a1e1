from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.core.collecting import uncollected
from mockserver.core.errors import ConfigurationError
from mockserver.core.later import later
from mockserver.providers import REGISTRY
from mockserver.server.documents import load_document, operations_of
from mockserver.server.outlines import outline
from tests.server.large import large_document

DOCUMENT: dict[str, Any] = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}


def written(folder: Path, **files: str) -> Path:
    (folder / "vendor").mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / "vendor" / name.replace("_", ".")).write_text(content)
    return folder


@pytest.mark.parametrize("name", ["openapi_json", "openapi_yaml", "openapi_yml"])
def test_a_document_may_be_json_or_yaml(tmp_path: Path, name: str) -> None:
    assert load_document("vendor", written(tmp_path, **{name: json.dumps(DOCUMENT)})) == DOCUMENT


def test_of_two_documents_none_is_taken(tmp_path: Path) -> None:
    specs = written(tmp_path, openapi_json="{}", openapi_yaml="{}")
    with pytest.raises(ConfigurationError, match=r"vendor: has openapi.yaml and openapi.json; which of them"):
        load_document("vendor", specs)


@pytest.mark.parametrize(
    "content, sentence",
    [
        ('{\n "paths": {,}', r"openapi.json:2: "),
        ("[]", r"openapi.json: is not an object"),
        ('{"paths": {"/x": {"$ref": "#/none"}}}', r"openapi.json: \$ref '#/none' leads nowhere"),
        ("{'paths': {}}", r"openapi.json:1: "),
    ],
)
def test_broken_json_is_told_with_file_and_line(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        load_document("vendor", written(tmp_path, openapi_json=content))


def test_a_few_bytes_do_not_become_millions_of_values(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(ConfigurationError, match=r"openapi.yaml: more than \d+ values"):
        load_document("vendor", written(tmp_path, openapi_yaml="\n".join(lines)))


def test_an_operation_without_an_id_has_that_of_its_method_and_path(tmp_path: Path) -> None:
    document = {**DOCUMENT, "paths": {"/x": {"get": {}, "post": {"operationId": "X#Make"}}}}
    loaded = load_document("vendor", written(tmp_path, openapi_json=json.dumps(document)))
    assert [operation["operationId"] for _, _, operation in operations_of(loaded)] == ["get /x", "X_Make"]


def test_a_vendor_that_a_folder_leaves_out_has_what_is_shipped_and_a_folder_without_vendors_is_none(
    tmp_path: Path,
) -> None:
    with pytest.raises(
        ConfigurationError, match="has no folder of a vendor; known are grafana-oncall, incident-io"
    ):
        load_document("incident-io", tmp_path)
    (tmp_path / "grafana-oncall").mkdir()
    assert load_document("incident-io", tmp_path) == load_document("incident-io")


@pytest.mark.parametrize("name", REGISTRY)
def test_nothing_that_is_shipped_is_canned(name: str) -> None:
    served = {operation["operationId"] for _, _, operation in operations_of(load_document(name))}
    assert served <= REGISTRY[name].functions.keys()


def test_an_outline_has_every_operation_and_only_the_components_that_it_leads_to() -> None:
    document = large_document()
    brief = outline(document)
    assert [found[:2] for found in operations_of(brief)] == [found[:2] for found in operations_of(document)]
    assert brief["components"]["securitySchemes"] == document["components"]["securitySchemes"]
    assert "Thing0" not in brief["components"].get("schemas", {})
    assert len(json.dumps(brief)) * 3 < len(json.dumps(document))


def test_while_much_is_made_nothing_is_searched_and_afterwards_it_is_as_before() -> None:
    assert gc.isenabled()
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_function_is_imported_when_it_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "called_late.py").write_text("def twice(number): return 2 * number\n")
    twice = later("called_late", "twice")
    monkeypatch.syspath_prepend(tmp_path)
    assert (twice(2), twice(number=3)) == (4, 6)
