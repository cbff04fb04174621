"""What breaks those who read by a schema, and those who write by it."""

from typing import Any

import pytest

from shop.api.compatibility import Side, breaks

SENT, TAKEN, BOTH = Side.SENT, Side.TAKEN, Side.SENT | Side.TAKEN

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def an_object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def found(old: Any, new: Any, side: Side = BOTH) -> list[str]:
    return breaks(old, new, side, old_root={}, new_root={}, path="it")


LINE = an_object("sku", "quantity", sku=TEXT, quantity=WHOLE)

BREAKING: list[tuple[Any, Any, dict[Side, str]]] = [
    # Members
    (an_object(a=TEXT), an_object(), {SENT: "it.a is gone.", TAKEN: "it.a is gone."}),
    (an_object(), an_object("a", a=TEXT), {TAKEN: "it.a is required now."}),
    (an_object(a=TEXT), an_object("a", a=TEXT), {TAKEN: "it.a is required now."}),
    (an_object("a", a=TEXT), an_object(a=TEXT), {SENT: "it.a may be missing now."}),
    (
        {"type": "object"},
        {"type": "object", "additionalProperties": False},
        {TAKEN: "it no longer takes any other members."},
    ),
    (
        {"type": "object", "additionalProperties": WHOLE},
        {"type": "object", "additionalProperties": TEXT},
        dict.fromkeys([SENT, TAKEN], "it.* was integer and is string."),
    ),
    # Types
    (WHOLE, TEXT, dict.fromkeys([SENT, TAKEN], "it was integer and is string.")),
    (WHOLE, {"type": "number"}, {SENT: "it was integer and is number."}),
    ({"type": "number"}, WHOLE, {TAKEN: "it was number and is integer."}),
    ({}, TEXT, {TAKEN: "it was anything and is string."}),
    (TEXT, {}, {SENT: "it was string and is anything."}),
    (TEXT, {"type": ["string", "null"]}, {SENT: "it can be null now."}),
    ({"type": ["string", "null"]}, TEXT, {TAKEN: "it can no longer be null."}),
    (TEXT, {"anyOf": [TEXT, LINE]}, {SENT: "it can be object with sku, quantity now."}),
    ({"oneOf": [TEXT, LINE]}, TEXT, {TAKEN: "it can no longer be object with sku, quantity."}),
    (
        {"anyOf": [LINE, {"type": "null"}]},
        {"anyOf": [an_object("sku", "quantity", sku=TEXT, quantity=TEXT), {"type": "null"}]},
        dict.fromkeys([SENT, TAKEN], "it.quantity was integer and is string."),
    ),
    (
        {"anyOf": [LINE, an_object(a=TEXT)]},
        {"anyOf": [LINE, an_object(b=TEXT)]},
        {SENT: "it can be object with b now.", TAKEN: "it can no longer be object with a."},
    ),
    # Values
    ({"enum": ["a", "b"]}, {"enum": ["a"]}, {TAKEN: "it can no longer be 'b'."}),
    (TEXT, {"type": "string", "enum": ["a"]}, {TAKEN: "it can only be one of 'a' now."}),
    ({"const": "a"}, {"const": "b"}, {SENT: "it is never 'a' any more.", TAKEN: "it can no longer be 'a'."}),
    # Forms
    (TEXT, TEXT | {"format": "uuid"}, {TAKEN: "it had the format None and has uuid."}),
    (TEXT | {"format": "uuid"}, TEXT, {SENT: "it had the format uuid and has None."}),
    (TEXT, TEXT | {"maxLength": 5}, {TAKEN: "it is stricter: maxLength 5, and was not limited."}),
    (TEXT | {"maxLength": 9}, TEXT | {"maxLength": 5}, {TAKEN: "it is stricter: maxLength 5, and was 9."}),
    (TEXT, TEXT | {"minLength": 1}, {TAKEN: "it is stricter: minLength 1, and was not limited."}),
    (WHOLE | {"minimum": 0}, WHOLE | {"minimum": 1}, {TAKEN: "it is stricter: minimum 1, and was 0."}),
    (TEXT, TEXT | {"pattern": "^a$"}, {TAKEN: "it is stricter: pattern ^a$, and was not limited."}),
    # Lists
    (
        {"type": "array", "items": LINE},
        {"type": "array", "items": an_object("sku", sku=TEXT)},
        dict.fromkeys([SENT, TAKEN], "it[].quantity is gone."),
    ),
    (
        {"type": "array", "prefixItems": [TEXT, WHOLE]},
        {"type": "array", "prefixItems": [TEXT]},
        dict.fromkeys([SENT, TAKEN], "it has 1 fixed places instead of 2."),
    ),
    (
        {"type": "array", "prefixItems": [TEXT, WHOLE]},
        {"type": "array", "prefixItems": [TEXT, TEXT]},
        dict.fromkeys([SENT, TAKEN], "it[1] was integer and is string."),
    ),
    # What nobody here understands
    (
        TEXT,
        TEXT | {"not": {"const": "x"}},
        dict.fromkeys([SENT, TAKEN], "it has another `not`, which cannot be judged."),
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), BREAKING)
def test_a_break_is_told_to_the_side_that_it_breaks(old: Any, new: Any, told: dict[Side, str]) -> None:
    assert {side: found(old, new, side) for side in (SENT, TAKEN)} == {
        side: [told[side]] if side in told else [] for side in (SENT, TAKEN)
    }


@pytest.mark.parametrize(("old", "new", "told"), BREAKING)
def test_who_looks_from_both_sides_sees_what_breaks_either(old: Any, new: Any, told: dict[Side, str]) -> None:
    assert found(old, new)


@pytest.mark.parametrize(("old", "_new", "_told"), BREAKING)
def test_nothing_breaks_where_nothing_changes(old: Any, _new: Any, _told: Any) -> None:
    assert found(old, old) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (an_object("a", a=TEXT), an_object("a", a=TEXT, b=WHOLE)),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}),
        ({"type": "string", "enum": ["a"]}, TEXT),
        (TEXT | {"maxLength": 5}, TEXT | {"maxLength": 9}),
        (TEXT | {"maxLength": 5}, TEXT),
        (WHOLE | {"minimum": 1}, WHOLE | {"minimum": 0}),
        (TEXT, TEXT | {"minLength": 0}),
        (TEXT, TEXT | {"description": "Words.", "title": "Text", "examples": ["a"], "default": "b", "x-note": 1}),
        ({"type": "object", "additionalProperties": False}, {"type": "object"}),
        ({"type": "object", "additionalProperties": False}, an_object(a=TEXT) | {"additionalProperties": False}),
        ({"anyOf": [TEXT, {"type": "null"}]}, {"type": ["null", "string"]}),
        ({"anyOf": [{"const": "a"}, {"const": "b"}]}, {"anyOf": [{"const": "b"}, {"const": "a"}]}),
        ({"allOf": [an_object("a", a=TEXT), an_object(b=WHOLE)]}, an_object("a", a=TEXT, b=WHOLE)),
        ({"properties": {"a": TEXT}}, an_object(a=TEXT)),
    ],
)
def test_what_is_only_added_or_said_otherwise_breaks_nobody(old: Any, new: Any) -> None:
    assert found(old, new) == []


def test_references_are_followed_each_in_its_own_document() -> None:
    old_root = {"$defs": {"Line": LINE, "a/b~c": TEXT}}
    new_root = {"components": [{"Row": an_object("sku", sku=TEXT)}, TEXT]}
    old = {"type": "array", "items": {"$ref": "#/$defs/Line"}}
    new = {"type": "array", "items": {"$ref": "#/components/0/Row"}}

    assert breaks(old, new, SENT, old_root=old_root, new_root=new_root) == ["[].quantity is gone."]
    assert not breaks(
        {"$ref": "#/$defs/a~1b~0c"}, {"$ref": "#/components/1"}, BOTH, old_root=old_root, new_root=new_root
    )


def test_the_same_change_is_told_wherever_it_is_felt() -> None:
    old_root, new_root = {"Line": LINE}, {"Line": an_object("sku", sku=TEXT)}
    both = an_object(first={"$ref": "#/Line"}, second={"$ref": "#/Line"})

    told = breaks(both, both, SENT, old_root=old_root, new_root=new_root)

    assert told == ["first.quantity is gone.", "second.quantity is gone."]


def test_schemas_that_hold_themselves_come_to_an_end() -> None:
    def tree(leaf: Any) -> dict[str, Any]:
        here = {"$ref": "#/Tree"}
        return {"Tree": an_object(leaf=leaf, left=here, right={"anyOf": [here, {"type": "null"}]})}

    told = breaks({"$ref": "#/Tree"}, {"$ref": "#/Tree"}, BOTH, old_root=tree(TEXT), new_root=tree(WHOLE))

    assert "leaf was string and is integer." in told


def test_what_both_parts_say_of_a_member_holds() -> None:
    base = an_object("data", data={"type": "object"})
    old = {"allOf": [base, an_object(data=an_object("a", a=TEXT))]}
    new = {"allOf": [base, an_object(data=an_object("a", a=WHOLE))]}

    assert found(old, new) == ["it.data.a was string and is integer."]
