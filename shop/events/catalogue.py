"""The catalogue: each kind of event with its meaning, its schema, an example, and who reacts to it."""

import inspect
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.duration import duration_iso_string

from shop.bus import Event
from shop.bus.reading import Kind, kinds
from shop.events.envelope import Envelope, SchemaAddress
from shop.events.examples import example

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def catalogue(schema_address: SchemaAddress) -> list[dict[str, Any]]:
    """All kinds of events, described."""
    return [described(kind, schema_address) for kind in kinds()]


def described(kind: Kind, schema_address: SchemaAddress) -> dict[str, Any]:
    """What one should know of a kind of event."""
    event = kind.event
    return {
        "type": event.name,
        "version": event.version,
        "source": event.source,
        "description": meaning(event),
        "subject": event.subject_template,
        "partitionkey": f"{{{event.key_field}}}",
        "dataschema": schema_address(event.name, event.version),
        "schema": schema(event),
        "example": msgspec.to_builtins(example_of(event, schema_address)),
        "handlers": [
            {"name": each.name, "kind": each.kind, "after": duration_iso_string(each.after)} for each in kind.handlers
        ],
    }


def meaning(event: type[Event]) -> str:
    """Its docstring: what is true now, and what is not yet."""
    return inspect.cleandoc(event.__doc__ or "")


def schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of the data of an event."""
    return {"$schema": _DIALECT} | msgspec.json.schema(event)


def find(name: str, version: int) -> type[Event] | None:
    """The event of this name and version, if there is one."""
    return next((kind.event for kind in kinds() if (kind.event.name, kind.event.version) == (name, version)), None)


def example_of(event: type[Event], schema_address: SchemaAddress) -> Envelope:
    """An event of this kind, as it might be told."""
    data = data_example(event)
    return Envelope(
        specversion="1.0",
        id=UUID("01990e4c-7a10-7000-8000-00000000002a"),
        source=event.source,
        type=event.name,
        subject=event.subject_template.format_map(data),
        time=datetime.fromisoformat("2026-11-23T16:00:00Z"),
        datacontenttype="application/json",
        dataschema=schema_address(event.name, event.version),
        data=data,
        sequence=1,
        partitionkey=str(data[event.key_field]),
        correlationid="01990e4c-7a0f-7000-8000-000000000029",
        causationid="01990e4c-7a0f-7000-8000-000000000029",
        actor="user:01990e4c-0000-7000-8000-000000000007",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )


def data_example(event: type[Event]) -> dict[str, Any]:
    """What the event might carry."""
    (shape,), definitions = msgspec.json.schema_components([event])
    found: Mapping[str, Any] = example(shape, definitions)
    return dict(found)
