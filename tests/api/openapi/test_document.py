"""The OpenAPI document: as the code says it, whole, and as the specification (3.1) wants it."""

from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.validation import validate_schema

from shop.api.openapi import document
from shop.api.schemas import found


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document.made()


def test_the_committed_document_is_what_the_code_says(made: dict[str, Any]) -> None:
    assert document.FILE.read_text() == document.written(made), "run `manage.py openapi`, and look at what changed"


def test_the_document_is_valid_openapi(made: dict[str, Any]) -> None:
    assert made["openapi"] == "3.1.0"

    validate_schema(made)  # type: ignore[no-untyped-call]


def test_every_operation_says_what_it_does_and_shows_what_to_send(made: dict[str, Any]) -> None:
    for name, operation in _operations(made):
        assert operation.get("summary"), name
        assert operation.get("description"), name
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert "example" in content or "examples" in content, name


def test_every_operation_has_a_name_of_its_own(made: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in _operations(made)]

    assert len(names) > 30
    assert len(set(names)) == len(names)


def test_every_answer_names_its_request_and_every_error_is_a_problem(made: dict[str, Any]) -> None:
    for name, operation in _operations(made):
        assert {"400", "401", "406", "429", "500", "503"} <= set(operation["responses"]), name
        for status, answer in operation["responses"].items():
            described = found(answer["$ref"], made) if "$ref" in answer else answer
            assert "X-Request-Id" in described["headers"], (name, status)
            if status >= "400":
                assert list(described["content"]) == ["application/problem+json"], (name, status)


def test_what_needs_a_key_or_an_etag_says_so(made: dict[str, Any]) -> None:
    placing, changing = made["paths"]["/api/v1/orders"]["post"], made["paths"]["/api/v1/users/{person}"]["patch"]

    assert {"$ref": "#/components/parameters/IdempotencyKey"} in placing["parameters"]
    assert {"409", "422"} <= set(placing["responses"])
    assert {"$ref": "#/components/parameters/IfMatch"} in changing["parameters"]
    assert {"412", "428"} <= set(changing["responses"])


def test_the_scope_that_is_needed_stands_beside_each_way_in(made: dict[str, Any]) -> None:
    assert made["paths"]["/api/v1/orders"]["get"]["security"] == [
        {"bearer": ["orders:read"]},
        {"session": ["orders:read"]},
        {"cookie": ["orders:read"]},
    ]
    assert {} in made["paths"]["/api/v1/products"]["get"]["security"]


def _operations(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in made["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation
