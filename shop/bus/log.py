"""The log: events, their numbers and their deliveries, written in one statement."""

from dataclasses import dataclass
from datetime import timedelta

import msgspec

from shop.bus.context import Context
from shop.bus.event import Event
from shop.bus.handlers import Handler, handlers_of, lane_of
from shop.prepared import prepared


@dataclass(frozen=True, slots=True)
class Letter:
    """An event about to be written, with what caused it."""

    event: Event
    context: Context


# A subject's counter is taken in sorted order, so that two transactions cannot wait for each other. Behind its lock an
# event is given its number, its id and its place in the feed, so that all three grow together. The database makes the
# id: it says which week's partition the event belongs to, and the clock of a process may be off by weeks.
_WRITE = """
WITH letter AS MATERIALIZED (
    SELECT * FROM ROWS FROM (
        json_to_recordset(%(letters)s::json) AS (
            type text, version smallint, source text, subject text, key text, correlation text, causation text,
            actor text, trace text, data jsonb
        )
    ) WITH ORDINALITY
    AS letter (type, version, source, subject, key, correlation, causation, actor, trace, data, place)
), subject AS (
    INSERT INTO bus_subject AS known (name, sequence)
    SELECT subject, count(*) FROM letter GROUP BY subject ORDER BY subject
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + excluded.sequence
    RETURNING name, sequence
), numbered AS MATERIALIZED (
    SELECT uuidv7() AS id, counted.* FROM (
        SELECT letter.*, sequence + 1 - row_number() OVER (PARTITION BY subject ORDER BY place DESC) AS sequence
        FROM letter JOIN subject ON subject.name = letter.subject
        ORDER BY place
    ) AS counted
), event AS (
    INSERT INTO bus_event (
        id, type, version, source, subject, partition_key, correlation_id, causation_id, actor, traceparent, data,
        time, sequence
    )
    SELECT
        id, type, version, source, subject, key, correlation, causation, actor, trace, data, shop_now(), sequence
    FROM numbered ORDER BY place
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT numbered.id, handler, queue, lane, shop_now() + after
FROM ROWS FROM (
    json_to_recordset(%(deliveries)s::json) AS (place bigint, handler text, queue text, lane smallint, after interval)
) WITH ORDINALITY AS delivery (place, handler, queue, lane, after, number)
JOIN numbered USING (place) ORDER BY number
"""


def write(letters: list[Letter]) -> set[str]:
    """Write events and one delivery per handler; returns the queues that have work now, not only later."""
    deliveries = [
        (place, letter, handler)
        for place, letter in enumerate(letters, 1)
        for handler in handlers_of(type(letter.event))
    ]
    with prepared() as cursor:
        cursor.execute(
            _WRITE,
            {
                "letters": _json([_told(letter) for letter in letters]),
                "deliveries": _json([_due(place, letter, handler) for place, letter, handler in deliveries]),
            },
        )
    return {handler.queue for _, _, handler in deliveries if handler.after == timedelta(0)}


def _told(letter: Letter) -> dict[str, object]:
    event, context = letter.event, letter.context
    return {
        "type": event.name,
        "version": event.version,
        "source": event.source,
        "subject": event.subject,
        "key": event.key,
        "correlation": context.correlation,
        "causation": context.causation,
        "actor": context.actor,
        "trace": context.traceparent,
        "data": msgspec.Raw(event.encode()),
    }


def _due(place: int, letter: Letter, handler: Handler) -> dict[str, object]:
    lane = lane_of(handler.queue, letter.event.key)
    return {"place": place, "handler": handler.name, "queue": handler.queue, "lane": lane, "after": handler.after}


def _json(rows: list[dict[str, object]]) -> str:
    """All rows as one value: an array for each column takes the driver far longer."""
    return msgspec.json.encode(rows).decode()
