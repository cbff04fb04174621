"""What always holds in the tables of the bus."""

from shop.bus.handlers import handlers
from shop.doctor import Invariant

_EXPECTED = ", ".join(f"('{each.event.name}', '{each.name}', {each.attempts})" for each in handlers.values())

INVARIANTS = [
    Invariant(
        claim="a subject's events are numbered without gap or repeat",
        broken="""
            SELECT subject, before, sequence AS next FROM (
                SELECT subject, partition_key, sequence,
                    lag(sequence) OVER (PARTITION BY subject ORDER BY sequence) AS before
                FROM bus_event WHERE time >= %(since)s
            ) AS numbered
            WHERE sequence = before OR sequence > before + 1 AND NOT EXISTS (  -- one between may have an earlier time
                SELECT FROM bus_event AS other WHERE other.partition_key = numbered.partition_key
                    AND other.subject = numbered.subject AND other.sequence = before + 1
            )
        """,
        remedy="Events were lost or written past the bus: compare the log with a backup before anything is replayed.",
    ),
    Invariant(
        claim="a subject's counter stands at its last event",
        broken="""
            SELECT subject, last, counter.sequence AS counter FROM (
                SELECT subject, max(partition_key) AS key, max(sequence) AS last
                FROM bus_event WHERE time >= %(since)s GROUP BY subject
            ) AS logged LEFT JOIN bus_subject AS counter ON name = subject
            WHERE last IS DISTINCT FROM counter.sequence AND NOT EXISTS (
                SELECT FROM bus_event AS other WHERE other.partition_key = logged.key
                    AND other.subject = logged.subject AND other.sequence = counter.sequence
            )
        """,
        remedy="The last events were lost, or were written past the bus: compare the log with a backup.",
    ),
    Invariant(
        claim="every event was heard by each of its handlers, or will be, or is a dead letter",
        broken=f"""
            WITH first AS (
                SELECT handler, min(event_id::text)::uuid AS event_id FROM bus_receipt
                WHERE done_at >= %(since)s GROUP BY handler
            )
            SELECT event.id, event.type, expected.handler FROM bus_event AS event
            JOIN (VALUES {_EXPECTED}) AS expected (type, handler, attempts) USING (type)
            JOIN first ON first.handler = expected.handler AND event.id >= first.event_id
            WHERE event.time >= %(since)s
                AND NOT EXISTS (
                    SELECT FROM bus_receipt r WHERE r.event_id = event.id AND r.handler = expected.handler)
                AND NOT EXISTS (
                    SELECT FROM bus_delivery d WHERE d.event_id = event.id AND d.handler = expected.handler)
                AND NOT EXISTS (
                    SELECT FROM bus_deadletter l WHERE l.event_id = event.id AND l.handler = expected.handler)
        """,  # noqa: S608 - the names are written in code
        remedy="Replay these events to these handlers; what was heard already is not done again.",
    ),
    Invariant(
        claim="nothing is tried more often than its handler allows",
        broken=f"""
            SELECT delivery.handler, delivery.event_id, delivery.attempts FROM bus_delivery AS delivery
            JOIN (VALUES {_EXPECTED}) AS expected (type, handler, attempts) USING (handler)
            WHERE delivery.attempts > expected.attempts
        """,  # noqa: S608 - the names are written in code
        remedy="Look whether the workers run this version of the code.",
    ),
    Invariant(
        claim="what is due is being done: nothing has waited for more than a minute",
        broken="""
            SELECT queue, count(*) AS waiting, min(due_at) AS oldest FROM bus_delivery
            WHERE due_at < shop_now() - interval '1 minute' GROUP BY queue
        """,
        remedy="Look whether this queue's workers run, and how far behind they are.",
    ),
    Invariant(
        claim="nothing was given up",
        broken="SELECT handler, event_id, attempts, error FROM bus_deadletter",
        remedy="Mend what the error tells of, then retry the dead letter.",
    ),
]
