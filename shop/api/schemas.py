"""JSON Schemas, read: references followed, parts put together, alternatives told apart."""

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
AnySchema = Schema | bool
"""True stands for anything, False for nothing."""

_KINDS: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


class NoSuchReference(LookupError):
    """A reference leads nowhere in its document."""


def found(reference: str, root: Schema) -> Any:  # whatever stands there
    """What a reference such as `#/$defs/Line` leads to (RFC 6901). Raises `NoSuchReference`."""
    place: Any = root
    document, *steps = reference.split("/")
    if document != "#":
        raise NoSuchReference(reference)
    try:
        for step in steps:
            name = step.replace("~1", "/").replace("~0", "~")
            place = place[int(name)] if isinstance(place, list) else place[name]
    except (KeyError, IndexError, ValueError, TypeError):
        raise NoSuchReference(reference) from None
    return place


def whole(schema: Schema, root: Schema) -> Schema:
    """The schema with its reference followed and the parts of its `allOf` put together."""
    parts: list[Schema] = [{name: value for name, value in schema.items() if name not in {"$ref", "allOf"}}]
    if "$ref" in schema:
        parts.append(whole(found(schema["$ref"], root), root))
    parts += [whole(part, root) for part in schema.get("allOf", ())]
    return parts[0] if len(parts) == 1 else _merged(parts)


def alternatives(schema: AnySchema, root: Schema) -> Sequence[Schema]:
    """What a value may be instead of something else: `anyOf`, `oneOf`, or several types. Each is whole."""
    if isinstance(schema, bool):
        return [{} if schema else {"not": {}}]
    known = whole(schema, root)
    for keyword in ("anyOf", "oneOf"):
        if keyword in known:
            rest = {name: value for name, value in known.items() if name != keyword}
            return [each for branch in known[keyword] for each in alternatives({**rest, **branch}, root)]
    if isinstance(known.get("type"), list):
        return [{**known, "type": kind} for kind in known["type"]]
    return [known]


def kind_of(schema: Schema) -> str | None:
    """The type of what the schema describes, said or not; None if it may be of any."""
    if "type" in schema:
        return str(schema["type"])
    kinds = {_KINDS.get(type(value)) for value in values_of(schema) or ()}
    if len(kinds) == 1:
        return kinds.pop()
    return "object" if "properties" in schema else None


def values_of(schema: Schema) -> Sequence[Any] | None:
    """The only values that are allowed, if they are listed."""
    values: Sequence[Any] | None = [schema["const"]] if "const" in schema else schema.get("enum")
    return values


def _merged(parts: Sequence[Schema]) -> Schema:
    merged: dict[str, Any] = {}
    for part in parts:
        for keyword, value in part.items():
            if keyword == "properties":
                merged[keyword] = _both(merged.get(keyword, {}), value)
            elif keyword == "required":
                merged[keyword] = [*dict.fromkeys([*merged.get(keyword, ()), *value])]
            else:
                merged.setdefault(keyword, value)
    return merged


def _both(some: Schema, others: Schema) -> Schema:
    """The properties of two parts; of one that both describe, both hold."""
    shared = {name: {"allOf": [some[name], others[name]]} for name in some.keys() & others.keys()}
    return {**some, **others, **shared}
