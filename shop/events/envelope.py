"""The envelope in which events leave the shop: CloudEvents 1.0, in its JSON format."""

from collections.abc import Callable
from datetime import UTC
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shop.bus.reading import Logged
from shop.moments import Moment

SchemaAddress = Callable[[str, int], str]
"""The absolute address of the schema of a type's data, in a version."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """An event as CloudEvents 1.0 has it, with the extensions that it knows of and some of ours."""

    specversion: Literal["1.0"]
    id: Annotated[UUID, Meta(description="The same however often the event is told; a UUIDv7.")]
    source: Annotated[str, Meta(description="The domain that owns the fact, such as /orders.")]
    type: Annotated[str, Meta(description="What happened: noun.past_tense.")]
    subject: Annotated[str, Meta(description="Whose history this is part of, such as orders/0199...")]
    time: Annotated[Moment, Meta(description="When it became true, in UTC.")]
    datacontenttype: Literal["application/json"]
    dataschema: Annotated[
        str, Meta(description="Where the JSON Schema of `data` is.", extra_json_schema={"format": "uri"})
    ]
    data: Annotated[dict[str, Any], Meta(description="The fact itself.")]
    sequence: Annotated[int, Meta(ge=1, description="Counts the events of the subject, without gaps.")]
    partitionkey: Annotated[str, Meta(description="What keeps related events together: an order's id, or a SKU.")]
    correlationid: Annotated[str, Meta(description="The request that began the story.")]
    causationid: Annotated[str, Meta(description="The event or request that caused this one.")]
    actor: Annotated[str, Meta(description="Who acted: user:<id>, key:<id>, system, anonymous.")]
    traceparent: Annotated[str, Meta(description="W3C Trace Context, if the request had one.")] | UnsetType = UNSET

    @classmethod
    def of(cls, event: Logged, schema_address: SchemaAddress) -> Self:
        """An event as the log has it."""
        return cls(
            specversion="1.0",
            id=event.id,
            source=event.source,
            type=event.type,
            subject=event.subject,
            time=event.time.astimezone(UTC),
            datacontenttype="application/json",
            dataschema=schema_address(event.type, event.version),
            data=event.data,
            sequence=event.sequence,
            partitionkey=event.partition_key,
            correlationid=event.correlation_id,
            causationid=event.causation_id,
            actor=event.actor,
            traceparent=event.traceparent or UNSET,
        )
