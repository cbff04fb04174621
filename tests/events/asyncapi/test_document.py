"""The AsyncAPI document: as the code says it, whole, and as the specification (3.0) wants it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from shop.api.schemas import found
from shop.bus.reading import kinds
from shop.events.asyncapi import document

_DRAFT_07 = {
    *("$ref", "title", "description", "type", "format", "enum", "const", "default", "examples"),
    *("properties", "required", "additionalProperties", "items", "allOf", "anyOf", "oneOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document.made()


def test_the_committed_document_is_what_the_code_says(made: dict[str, Any]) -> None:
    assert document.FILE.read_text() == document.written(made), "run `manage.py asyncapi`, and look at what changed"


def test_the_document_is_served_as_it_was_committed_and_only_once(db: None) -> None:
    answer = APIClient().get("/api/v1/asyncapi.json")

    assert answer.json() == document.committed()
    again = APIClient().get("/api/v1/asyncapi.json", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_every_kind_of_event_is_a_message_that_its_owner_sends(made: dict[str, Any]) -> None:
    messages = made["components"]["messages"]
    sent = {
        (domain, found(found(reference["$ref"], made)["$ref"], made)["title"])
        for domain, operation in made["operations"].items()
        for reference in operation["messages"]
    }

    known = [kind.event for kind in kinds()]
    assert len(messages) == len(known)
    assert sent == {(event.source[1:], f"{event.name}, version {event.version}") for event in known}


def test_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    references = [value["$ref"] for value in _inside(made) if "$ref" in value]

    assert len(references) > 50
    assert all(isinstance(found(reference, made), dict) for reference in references)


def test_the_members_that_the_specification_requires_are_there(made: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.0\.\d+", made["asyncapi"])
    assert made["info"].keys() >= {"title", "version"}
    assert all(server.keys() >= {"host", "protocol"} for server in made["servers"].values())
    for operation in made["operations"].values():
        assert operation["action"] in {"send", "receive"}
        channel = operation["channel"]["$ref"]
        assert all(each["$ref"].startswith(f"{channel}/messages/") for each in operation["messages"])


def test_names_of_components_are_such_as_the_specification_allows(made: dict[str, Any]) -> None:
    names = [name for component in made["components"].values() for name in component]

    assert [name for name in names if not re.fullmatch(r"[a-zA-Z0-9._-]+", name)] == []


def test_schemas_use_only_what_the_specification_knows(made: dict[str, Any]) -> None:
    payloads = [message["payload"] for message in made["components"]["messages"].values()]

    for schema in [*made["components"]["schemas"].values(), *payloads]:
        used = {keyword for each in _schemas(schema) for keyword in each}
        assert used <= _DRAFT_07, "the schemas of AsyncAPI 3.0 are those of JSON Schema draft 07"


def _inside(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within, but for what stands in examples."""
    if isinstance(value, dict):
        yield value
        for name, inner in value.items():
            if name != "examples":
                yield from _inside(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _inside(inner)


def _schemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for each in [*schema.get("properties", {}).values(), *schema.get("allOf", ()), *schema.get("anyOf", ())]:
        yield from _schemas(each)
    for each in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(each, dict):
            yield from _schemas(each)
