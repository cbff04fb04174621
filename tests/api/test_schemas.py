"""Reading JSON Schemas."""

from typing import Any

import pytest

from shop.api.schemas import NoSuchReference, alternatives, found, kind_of, whole

ROOT = {"list": ["first", {"second": 2}], "a/b": {"c~d": 3}, "Text": {"type": "string"}, "Also": {"$ref": "#/Text"}}


@pytest.mark.parametrize(
    ("reference", "value"), [("#/list/0", "first"), ("#/list/1/second", 2), ("#/a~1b/c~0d", 3), ("#", ROOT)]
)
def test_a_reference_leads_into_the_document(reference: str, value: Any) -> None:
    assert found(reference, ROOT) == value


@pytest.mark.parametrize("reference", ["#/no", "#/list/2", "#/list/x", "#/list/0/0/0/x", "other.json#/a", ""])
def test_a_reference_that_leads_nowhere_is_said(reference: str) -> None:
    with pytest.raises(NoSuchReference):
        found(reference, ROOT)


def test_a_reference_may_lead_to_another_and_say_something_of_its_own() -> None:
    assert whole({"$ref": "#/Also", "description": "Words."}, ROOT) == {"type": "string", "description": "Words."}


def test_alternatives_within_alternatives_are_told_apart() -> None:
    schema = {"anyOf": [{"$ref": "#/Also"}, {"oneOf": [{"type": ["integer", "null"]}, {"const": True}]}]}

    assert [kind_of(each) for each in alternatives(schema, ROOT)] == ["string", "integer", "null", "boolean"]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({}, None),
        ({"enum": ["a", 1]}, None),
        ({"enum": ["a", "b"]}, "string"),
        ({"const": None}, "null"),
        ({"properties": {}}, "object"),
    ],
)
def test_a_type_is_known_though_it_is_not_said(schema: dict[str, Any], kind: str | None) -> None:
    assert kind_of(schema) == kind
