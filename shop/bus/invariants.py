"""What always holds in the tables of the bus."""

from shop.bus.deliveries import LONGEST_WAIT
from shop.bus.handlers import handlers
from shop.bus.repairs import DELIVER, HURRY, RING, TAKE_OVER
from shop.doctor import Invariant, number_of, whose

_EXPECTED = ", ".join(f"('{each.event.name}', '{each.name}', {each.attempts})" for each in handlers.values())

INVARIANTS = [
    Invariant(
        claim="a subject's events are numbered without gap or repeat",
        broken="""
            SELECT subject, before, sequence AS next FROM (
                SELECT subject, partition_key, sequence,
                    lag(sequence) OVER (PARTITION BY subject ORDER BY sequence) AS before
                FROM bus_event WHERE id >= %(since_id)s AND time >= %(since)s
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
                FROM bus_event WHERE id >= %(since_id)s AND time >= %(since)s GROUP BY subject
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
            SELECT event.partition_key AS key, {number_of("event.partition_key")} AS number, event.id AS event_id,
                event.type, expected.handler
            FROM bus_event AS event
            JOIN (VALUES {_EXPECTED}) AS expected (type, handler, attempts) USING (type)
            LEFT JOIN bus_subscription AS known USING (handler)
            WHERE event.id >= %(since_id)s AND event.time >= %(since)s AND event.time >= coalesce(
                    known.since, CASE WHEN EXISTS (SELECT FROM bus_subscription)
                        THEN timestamptz 'infinity' ELSE timestamptz '-infinity' END)
                AND NOT EXISTS (
                    SELECT FROM bus_receipt r
                    WHERE r.event_id >= %(since_id)s AND r.event_id = event.id AND r.handler = expected.handler)
                AND NOT EXISTS (
                    SELECT FROM bus_delivery d WHERE d.event_id = event.id AND d.handler = expected.handler)
                AND NOT EXISTS (
                    SELECT FROM bus_deadletter l WHERE l.event_id = event.id AND l.handler = expected.handler)
        """,  # noqa: S608 - the names are written in code
        remedy="Replay these events to these handlers; what was heard already is not done again.",
        repair=DELIVER,
    ),
    Invariant(
        claim="nothing is tried more often than its handler allows",
        broken=f"""
            SELECT {whose("delivery.event_id")}, delivery.handler, delivery.event_id, delivery.attempts
            FROM bus_delivery AS delivery
            JOIN (VALUES {_EXPECTED}) AS expected (type, handler, attempts) USING (handler)
            WHERE delivery.attempts > expected.attempts
        """,  # noqa: S608 - the names are written in code
        remedy="Look whether the workers run this version of the code.",
    ),
    Invariant(
        claim="what was tried is tried again, or its lease ends, within the longest wait",
        broken=f"""
            SELECT {whose("event_id")}, handler, event_id, queue, seq, attempts, due_at FROM bus_delivery
            WHERE attempts > 0 AND due_at > shop_now() + interval '{1.5 * LONGEST_WAIT} s'
        """,  # noqa: S608 - a number of ours
        remedy="Somebody changed the delivery by hand, or a clock was wrong: let it be due now.",
        repair=HURRY,
    ),
    Invariant(
        claim="what a drain has in hand it lets go of, and what a dead one had is taken over",
        broken="""
            SELECT queue, lane, cardinality(seqs) AS in_hand, since FROM bus_marker
            WHERE seqs <> '{}' AND since < shop_now() - interval '2 minutes'
        """,
        remedy="Look with `manage.py doctor --workers` who has the lane, and start that worker again.",
        repair=TAKE_OVER,
    ),
    Invariant(
        claim="what is due is being done: nothing has waited for more than a minute",
        broken="""
            SELECT queue, count(*) AS waiting, min(due_at) AS oldest FROM bus_delivery
            WHERE due_at < shop_now() - interval '1 minute' GROUP BY queue
        """,
        remedy="Look whether this queue's workers run, and how far behind they are.",
        repair=RING,
    ),
    Invariant(
        claim="nothing was given up",
        broken=f"""
            SELECT event ->> 'partition_key' AS key, {number_of("(event ->> 'partition_key')")} AS number, handler,
                event_id, attempts, error
            FROM bus_deadletter
        """,  # noqa: S608 - our own
        remedy="Mend what the error tells of, then retry the dead letter.",
    ),
    Invariant(
        claim="a dead letter says why",
        broken="SELECT handler, event_id, died_at FROM bus_deadletter WHERE trim(error) = ''",
        remedy="Somebody wrote it by hand: find out what for, then retry it or let it go.",
    ),
    Invariant(
        claim="whoever let go of something, or put it right, stands in the audit",
        broken=f"""
            SELECT {whose("event_id")}, handler, event_id, deed FROM (
                SELECT handler, event_id, 'dead_letter.let_go' AS deed FROM bus_receipt
                WHERE event_id >= %(since_id)s AND done_at >= %(since)s AND attempts = 0
                UNION ALL SELECT handler, event_id, 'dead_letter.amended' FROM bus_delivery WHERE amended IS NOT NULL
            ) AS done
            WHERE NOT EXISTS (
                SELECT FROM audit_entry WHERE subject = 'events/' || done.event_id AND action = done.deed)
        """,  # noqa: S608 - our own
        remedy="Somebody did it past the back office: ask who has access to the database.",
    ),
]
