"""The log: events, their numbers and their deliveries, written in one statement."""

from dataclasses import dataclass
from datetime import timedelta

from shop.bus.context import Context
from shop.bus.event import Event
from shop.bus.handlers import handlers_of, lane_of
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
    SELECT * FROM unnest(
        %(type)s::text[], %(version)s::smallint[], %(source)s::text[], %(subject)s::text[],
        %(key)s::text[], %(correlation)s::text[], %(causation)s::text[], %(actor)s::text[], %(trace)s::text[],
        %(data)s::jsonb[]
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
FROM unnest(
    %(of)s::bigint[], %(handler)s::text[], %(queue)s::text[], %(lane)s::smallint[], %(after)s::interval[]
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
                "type": [letter.event.name for letter in letters],
                "version": [letter.event.version for letter in letters],
                "source": [letter.event.source for letter in letters],
                "subject": [letter.event.subject for letter in letters],
                "key": [letter.event.key for letter in letters],
                "correlation": [letter.context.correlation for letter in letters],
                "causation": [letter.context.causation for letter in letters],
                "actor": [letter.context.actor for letter in letters],
                "trace": [letter.context.traceparent for letter in letters],
                "data": [letter.event.encode().decode() for letter in letters],
                "of": [place for place, _, _ in deliveries],
                "handler": [handler.name for _, _, handler in deliveries],
                "queue": [handler.queue for _, _, handler in deliveries],
                "lane": [lane_of(handler.queue, letter.event.key) for _, letter, handler in deliveries],
                "after": [handler.after for _, _, handler in deliveries],
            },
        )
    return {handler.queue for _, _, handler in deliveries if handler.after == timedelta(0)}
