"""The vendored and written documents: whole, valid, and honest in their examples."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonpath_rfc9535 import find
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from openapi_spec_validator import OpenAPIV30SpecValidator

from mockserver.server.documents import load_document

SPECS = Path(__file__).parents[2] / "specs"
PROVIDERS = sorted(path.parent.name for path in SPECS.glob("*/rules.yaml"))
OVERLAYS = sorted(path.parent.name for path in SPECS.glob("*/overlay.yaml"))
GRADES = {"documented", "observed", "assumed"}

IMPORT = "/paths/~1v2~1incidents~1{id}~1actions~1import_postmortem_document/post"

# Examples that break their own schema, by provider and JSON pointer, each with the reason why it stays.
KNOWN_BREACHES = {
    ("incident-io", f"{IMPORT}/responses/422/content/application~1json/examples/page"): (
        "The page's own example of a 422: its source lacks the pointer that the vendor requires elsewhere."
    ),
}


def read_yaml(path: Path) -> dict[str, Any]:
    loaded = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def source_of(provider: str) -> dict[str, Any]:
    return tomllib.loads((SPECS / provider / "SOURCE.toml").read_text("utf-8"))


def actions_of(provider: str) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = read_yaml(SPECS / provider / "overlay.yaml")["actions"]
    return actions


def rules_of(provider: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = read_yaml(SPECS / provider / "rules.yaml")["rules"]
    return rules


def examples(node: Any, pointer: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Pointer, schema and value of each example of a media type, parameter, header or schema below."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from examples(item, f"{pointer}/{index}")
    if not isinstance(node, dict):
        return
    if "example" in node:
        yield f"{pointer}/example", node.get("schema", node), node["example"]
    for name, example in node.get("examples", {}).items():
        yield f"{pointer}/examples/{escaped(name)}", node["schema"], example["value"]
    for key, child in node.items():
        if key not in ("example", "examples"):
            yield from examples(child, f"{pointer}/{escaped(key)}")


def escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def breaches(provider: str) -> dict[tuple[str, str], list[str]]:
    """What is wrong with each example that breaks its schema."""
    document = load_document(provider)
    found = {}
    for pointer, schema, value in examples(document):
        # The components beside the schema let its references resolve.
        validator = OAS30Validator(
            {"allOf": [schema], "components": document["components"]}, format_checker=oas30_format_checker
        )
        if errors := [error.message for error in validator.iter_errors(value)]:
            found[provider, pointer] = errors
    return found


def operation_ids(document: dict[str, Any]) -> Iterator[str]:
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                yield operation["operationId"]


def links(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        link.value
        for link in find("$.paths.*.*.responses.*.links.*", document)
        if isinstance(link.value, dict)
    ]


def test_specs_of_both_vendors_are_found() -> None:
    assert {"grafana-oncall", "incident-io"} <= set(PROVIDERS)
    assert "incident-io" in OVERLAYS


@pytest.mark.parametrize("provider", OVERLAYS)
def test_the_vendored_document_has_the_bytes_that_its_source_note_promises(provider: str) -> None:
    upstream = source_of(provider)["upstream"]

    content = (SPECS / provider / upstream["file"]).read_bytes()

    assert hashlib.sha256(content).hexdigest() == upstream["sha256"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_served_document_is_valid_openapi(provider: str) -> None:
    errors = list(OpenAPIV30SpecValidator(load_document(provider)).iter_errors())

    assert errors == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_served_document_points_at_whoever_serves_it(provider: str) -> None:
    assert load_document(provider)["servers"] == [{"url": "/"}]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_link_leads_to_an_operation_of_the_same_document(provider: str) -> None:
    document = load_document(provider)

    targets = {link["operationId"] for link in links(document)}

    assert targets
    assert targets <= set(operation_ids(document))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_example_fits_its_schema_or_is_a_known_breach_and_no_known_breach_is_out_of_date(
    provider: str,
) -> None:
    assert list(examples(load_document(provider)))
    assert breaches(provider).keys() == {key for key in KNOWN_BREACHES if key[0] == provider}


def test_every_known_breach_gives_its_reason() -> None:
    assert all(reason.strip() for reason in KNOWN_BREACHES.values())


@pytest.mark.parametrize("provider", OVERLAYS)
def test_every_overlay_extends_the_vendored_document_in_the_overlay_format(provider: str) -> None:
    overlay = read_yaml(SPECS / provider / "overlay.yaml")

    assert overlay["overlay"] == "1.0.0"
    assert overlay["extends"] == source_of(provider)["upstream"]["file"]
    assert overlay["info"].keys() >= {"title", "version"}


@pytest.mark.parametrize(
    ("provider", "number"),
    [(provider, number) for provider in OVERLAYS for number in range(len(actions_of(provider)))],
)
def test_every_overlay_action_gives_its_reason_and_matches_the_vendored_document(
    provider: str, number: int
) -> None:
    action = actions_of(provider)[number]

    assert action["description"].strip()
    assert action.keys() <= {"target", "description", "update", "remove"}
    assert ("update" in action) != (action.get("remove") is True)
    assert find(action["target"], read_yaml(SPECS / provider / "upstream.yaml"))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_rule_ids_are_unique_dotted_and_in_lower_case(provider: str) -> None:
    ids = [rule["id"] for rule in rules_of(provider)]

    assert len(set(ids)) == len(ids)
    assert all("." in id_ and id_ == id_.lower() and " " not in id_ for id_ in ids)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_rule_has_a_sentence_a_grade_and_a_source(provider: str) -> None:
    for rule in rules_of(provider):
        assert rule.keys() == {"id", "rule", "grade", "source"}, rule
        assert rule["grade"] in GRADES, rule
        assert rule["rule"].strip(), rule
        assert rule["source"].strip(), rule
