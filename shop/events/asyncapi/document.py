"""The whole document: made from the code, and read as it was committed."""

import json
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Any

import msgspec
from django.conf import settings

from shop.bus.reading import Kind, kinds
from shop.events.catalogue import example_of, meaning
from shop.events.envelope import Envelope

FILE = settings.BASE_DIR / "docs" / "asyncapi.json"

_HOST = "shop.example.com"
_CHANNEL = "events"
_CONTENT_TYPE = "application/cloudevents+json"

Document = dict[str, Any]


def made() -> Document:
    """The document as the code says it."""
    known = kinds()
    types: list[type] = [kind.event for kind in known]
    data, schemas = msgspec.json.schema_components([*types, Envelope], ref_template="#/components/schemas/{name}")
    messages = {_key(kind): _message(kind, shape) for kind, shape in zip(known, data, strict=False)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": settings.SPECTACULAR_SETTINGS["TITLE"],
            "version": settings.SPECTACULAR_SETTINGS["VERSION"],
            "description": (
                "What happens in the shop, as CloudEvents 1.0. A version of an event only ever grows; accept members "
                "and values that you do not know. Events are told at least once, and `id` tells repeats; `sequence` "
                "counts the events of a subject without gaps."
            ),
        },
        "defaultContentType": _CONTENT_TYPE,
        "servers": {"shop": {"host": _HOST, "pathname": "/api/v1", "protocol": "https"}},
        "channels": {_CHANNEL: _channel(known)},
        "operations": dict(_operations(known)),
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }


def written(document: Document) -> str:
    """The document as a file."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def read() -> Document:
    """The document as the file has it."""
    document: Document = json.loads(FILE.read_text())
    return document


@cache
def committed() -> Document:
    """The document as it was committed, read once: it is what clients are served."""
    return read()


def _channel(known: Iterable[Kind]) -> Document:
    return {
        "address": "/events",
        "title": "The feed of all events",
        "description": (
            "Read by HTTP: GET answers with a page of events and with `next`, an address that is good to ask again, "
            "for ever. Needs the scope `events:read`."
        ),
        "servers": [{"$ref": "#/servers/shop"}],
        "messages": {_key(kind): {"$ref": f"#/components/messages/{_key(kind)}"} for kind in known},
    }


def _operations(known: Iterable[Kind]) -> Iterable[tuple[str, Document]]:
    """What each domain tells."""
    for source, told in groupby(sorted(known, key=lambda kind: kind.event.source), key=lambda kind: kind.event.source):
        domain = source.removeprefix("/")
        yield (
            domain,
            {
                "action": "send",
                "title": f"What {domain} tells",
                "channel": {"$ref": f"#/channels/{_CHANNEL}"},
                "messages": [{"$ref": f"#/channels/{_CHANNEL}/messages/{_key(kind)}"} for kind in told],
            },
        )


def _message(kind: Kind, data: Document) -> Document:
    event = kind.event
    return {
        "name": event.name,
        "title": f"{event.name}, version {event.version}",
        "description": meaning(event),
        "contentType": _CONTENT_TYPE,
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": event.name},
                        "source": {"const": event.source},
                        "data": data,
                    },
                },
            ]
        },
        "examples": [{"payload": msgspec.to_builtins(example_of(event, _schema_address))}],
        "x-version": event.version,
        "x-subject": event.subject_template,
        "x-partitionkey": f"{{{event.key_field}}}",
        "x-handlers": [handler.name for handler in kind.handlers],
    }


def _key(kind: Kind) -> str:
    return f"{kind.event.name}.v{kind.event.version}"


def _schema_address(name: str, version: int) -> str:
    return f"https://{_HOST}/api/v1/event-types/{name}/{version}"
