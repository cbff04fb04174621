"""Examples of events, made from their schemas: the same name means the same in all of them."""

import zlib
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_NAMED = {
    "amount": 2400,
    "code": "card_declined",
    "currency": "EUR",
    "language": "en",
    "location": "main",
    "name": "Blue mug",
    "number": "10042",
    "on_hand": 20,
    "operation": "authorize",
    "order_number": "10042",
    "payment_method": "pm_card_visa",
    "quantity": 2,
    "reason": "out_of_stock",
    "reserved": 2,
    "reserved_change": 2,
    "sku": "MUG-BLUE",
    "unit_price": 1200,
}
_MOMENT = "2026-11-23T16:00:00Z"


def example(schema: Schema, definitions: Mapping[str, Schema], name: str = "") -> Any:  # any JSON
    """A value of this schema; `name` is what the member is called that holds it."""
    match schema:
        case {"$ref": reference}:
            made = example(definitions[reference.rpartition("/")[2]], definitions, name)
        case {"const": value} | {"enum": [value, *_]}:
            made = value
        case {"anyOf": [first, *_]}:
            made = example(first, definitions, name)
        case {"type": "object"}:
            members = schema.get("properties", {}).items()
            made = {member: example(inner, definitions, member) for member, inner in members}
        case {"type": "array"}:
            items = schema.get("prefixItems") or [schema.get("items") or {}]
            made = [example(inner, definitions, name) for inner in items]
        case _:
            made = _plain(schema, name)
    return made


def _plain(schema: Schema, name: str) -> Any:  # any JSON
    kind = str(schema.get("type"))
    if schema.get("format") == "uuid":
        return f"01990e4c-7a00-7000-8000-{zlib.crc32(name.encode()):012x}"
    if schema.get("format") == "date-time":
        return _MOMENT
    wanted = {"string": str, "integer": int}.get(kind)
    if wanted and isinstance(_NAMED.get(name), wanted):
        return _NAMED[name]
    return {
        "string": name,
        "integer": max(schema.get("minimum", 1), 1),
        "number": 1.5,
        "boolean": True,
        "null": None,
    }.get(kind)
