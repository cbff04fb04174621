"""How the answers about events are shaped, for the OpenAPI document."""

from typing import Any

import msgspec

from shop.events.envelope import Envelope

_TEXT = {"type": "string"}
_ADDRESS = {"type": "string", "format": "uri"}
_OPEN: dict[str, Any] = {"type": "object", "additionalProperties": True}


def envelope() -> dict[str, Any]:
    """The JSON Schema of an envelope."""
    _, definitions = msgspec.json.schema_components([Envelope], ref_template="#/components/schemas/{name}")
    found: dict[str, Any] = definitions["Envelope"]
    return found


def _all_required(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


PAGE = _all_required(
    {
        "results": {"type": "array", "items": envelope()},
        "next": {
            "type": "string",
            "format": "uri-reference",
            "description": "Always an address to ask again. At the end of the log it is the one that was asked.",
        },
    }
)

DATA_SCHEMA = _OPEN | {"description": "A JSON Schema (draft 2020-12)."}

KIND = _all_required(
    {
        "type": _TEXT,
        "version": {"type": "integer", "minimum": 1},
        "source": _TEXT,
        "description": _TEXT | {"description": "What is true now, and what is not yet."},
        "subject": _TEXT | {"description": "Whose history such an event is part of, as a template over its data."},
        "partitionkey": _TEXT | {"description": "What keeps related events together, as a template over its data."},
        "dataschema": _ADDRESS,
        "schema": DATA_SCHEMA,
        "example": _OPEN | {"description": "A whole event, in its envelope."},
        "handlers": {
            "type": "array",
            "description": "Who reacts in the shop, how, and how long after (ISO 8601).",
            "items": _all_required({"name": _TEXT, "kind": _TEXT, "after": _TEXT | {"format": "duration"}}),
        },
    }
)

KINDS = _all_required({"results": {"type": "array", "items": KIND}})
