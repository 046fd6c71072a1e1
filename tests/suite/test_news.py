from __future__ import annotations

import json
from typing import Any

import pytest

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.news import Additions

DOCUMENT = {
    "paths": {
        "/v1/things/{id}": {
            "get": {"responses": {"200": {"$ref": "#/components/responses/Thing"}}},
        },
        "/v1/things/count": {
            "get": {
                "responses": {
                    "default": {
                        "content": {
                            "application/json": {"schema": {"type": "object", "properties": {"count": {}}}}
                        }
                    }
                }
            }
        },
    },
    "components": {
        "responses": {
            "Thing": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
        },
        "schemas": {
            "Thing": {
                "allOf": [
                    {"type": "object", "properties": {"id": {"type": "string"}}},
                    {
                        "type": "object",
                        "properties": {
                            "state": {"type": "string", "enum": ["open", "closed"]},
                            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                        },
                    },
                ]
            }
        },
    },
}


def told(
    body: Any, path: str = "/v1/things/7", kind: str = "application/json", status: int = 200
) -> list[str]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answered = Answered(status, (("Content-Type", kind),), content)
    return list(Additions({"incident-io": DOCUMENT}).of(Exchange(Asked("GET", path), answered)))


def test_what_the_document_has_is_no_news() -> None:
    assert told({"id": "7", "state": "open", "parts": [{"id": "8"}], "labels": {"any": "thing"}}) == []


@pytest.mark.parametrize(
    ("body", "news"),
    [
        ({"colour": "red"}, "colour is a property that the document does not have"),
        ({"parts": [{"colour": 1}]}, "parts[].colour is a property that the document does not have"),
        ({"state": "half-open"}, "state is 'half-open', a value that the document does not have"),
        ({"parts": [{"state": "x"}]}, "parts[].state is 'x', a value that the document does not have"),
    ],
)
def test_what_is_beyond_the_document_is_told_with_its_place(body: Any, news: str) -> None:
    assert told(body) == [f"GET /v1/things/{{id}} 200: {news}"]


def test_the_more_literal_path_is_the_operation() -> None:
    assert told({"count": 1, "of": 2}, "/v1/things/count", status=418) == [
        "GET /v1/things/count 418: of is a property that the document does not have"
    ]


@pytest.mark.parametrize("body", [b"{", b"", [], None, 5])
def test_what_is_no_object_is_for_the_laws_to_judge(body: Any) -> None:
    assert told(body) == []


def test_other_paths_and_other_media_types_are_no_news() -> None:
    assert told({"colour": 1}, "/v1/elsewhere") == []
    assert told({"colour": 1}, kind="text/html") == []


def test_an_answer_that_did_not_come_is_no_news() -> None:
    assert list(Additions({"incident-io": DOCUMENT}).of(Exchange(Asked("GET", "/v1/things/7"), None))) == []


def test_the_path_of_the_target_s_address_is_left_out() -> None:
    answered = Answered(200, (("Content-Type", "application/json"),), b'{"colour":1}')
    exchange = Exchange(Asked("GET", "/oncall/v1/things/7"), answered)
    assert len(list(Additions({"incident-io": DOCUMENT}, "/oncall").of(exchange))) == 1
