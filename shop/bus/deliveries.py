"""Deliveries in hand: claimed with their events, and at the end receipted, put off or buried."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from shop.bus import context, tracing, upcasters
from shop.bus.event import Event, UnknownEvent, event_type
from shop.bus.handlers import Handler, attempts_of, handlers
from shop.bus.lanes import Lane
from shop.bus.publishers import publish_dead_letter_opened
from shop.prepared import prepared

LONGEST_WAIT = 3600.0  # seconds between two attempts, at most
_LONGEST_ERROR = 2000  # letters
_AFTER_DEATH = 1.0  # seconds before an attempt whose worker died is tried again


class NotUnderstood(LookupError):
    """Nobody here understands this delivery: it is parked, and no attempt is counted."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one handler, locked by this transaction."""

    seq: int
    event_id: UUID
    handler_name: str
    queue: str
    attempts: int
    heard: bool
    """Its receipt exists already: a repeat, which only wants to be removed."""
    row: tuple[Any, ...] | None
    """Type, version, payload, correlation, actor, traceparent and key, as the log has them; None if it is gone."""

    @property
    def handler(self) -> Handler:
        try:
            return handlers[self.handler_name]
        except KeyError:
            raise NotUnderstood(f"no handler {self.handler_name} is here") from None

    @property
    def event(self) -> Event:
        """As the handler knows it, whichever version it was told in."""
        if self.row is None:
            raise NotUnderstood("the log does not have this event any more")
        name, version, payload = self.row[:3]
        return understood(self.handler, name, version, payload, self.event_id)

    @property
    def context(self) -> context.Context:
        _, _, _, correlation, actor, traceparent, _ = cast("tuple[Any, ...]", self.row)
        return context.of_event(self.event_id, correlation, actor, traceparent)

    @property
    def key(self) -> str:
        return str(cast("tuple[Any, ...]", self.row)[6])


# Each row is looked up by its key, whatever the planner may think of so many: of the log only the weeks are read that
# the ids are from.
_CLAIM = """
SELECT
    seq, delivery.event_id, delivery.handler, queue, attempts, receipt.event_id IS NOT NULL,
    type, version, coalesce(amended, data)::text, correlation_id, actor, traceparent, partition_key
FROM bus_delivery AS delivery
LEFT JOIN LATERAL (
    SELECT event_id FROM bus_receipt AS known
    WHERE known.event_id = delivery.event_id AND known.handler = delivery.handler LIMIT 1
) AS receipt ON true
LEFT JOIN LATERAL (SELECT * FROM bus_event WHERE id = delivery.event_id LIMIT 1) AS event ON true
WHERE seq = ANY(%s::bigint[]) ORDER BY seq FOR UPDATE OF delivery SKIP LOCKED
"""

# Each of these counts what it does in the tally of its lane, which this drain alone has.
_FINISH = """
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(%(seqs)s::bigint[])
    RETURNING event_id, handler, lane, attempts, shop_now() + (clock_timestamp() - now()) AS at
), unmarked AS (
    UPDATE bus_marker SET seqs = '{}' WHERE queue = %(queue)s::text AND lane = %(lane)s::smallint AND seqs <> '{}'
), tally AS (
    INSERT INTO bus_tally AS known (handler, lane, handled, seconds, at)
    SELECT handler, lane, count(*), sum(greatest(extract(epoch FROM at - uuid_extract_timestamp(event_id)), 0)), max(at)
    FROM done GROUP BY handler, lane ORDER BY handler, lane
    ON CONFLICT (handler, lane) DO UPDATE SET
        handled = known.handled + excluded.handled, seconds = known.seconds + excluded.seconds, at = excluded.at
)
INSERT INTO bus_receipt (event_id, handler, attempts, done_at)
SELECT event_id, handler, greatest(attempts, 1), at FROM done
"""

_POSTPONE = """
WITH postponed AS (
    UPDATE bus_delivery SET
        attempts = %(attempts)s, error = %(error)s, due_at = shop_now() + make_interval(secs => %(seconds)s)
    WHERE seq = %(seq)s AND attempts = %(attempt)s
    RETURNING handler, lane
)
INSERT INTO bus_tally AS known (handler, lane, failed, put_off, at)
SELECT handler, lane, %(failed)s, 1 - %(failed)s, shop_now() FROM postponed
ON CONFLICT (handler, lane) DO UPDATE SET
    failed = known.failed + excluded.failed, put_off = known.put_off + excluded.put_off, at = excluded.at
"""

_BURY = """
WITH dead AS (
    DELETE FROM bus_delivery WHERE seq = %(seq)s AND attempts = coalesce(%(attempt)s, attempts)
    RETURNING event_id, handler, queue, lane, attempts, amended
), tally AS (
    INSERT INTO bus_tally AS known (handler, lane, failed, buried, at)
    SELECT handler, lane, (NOT %(parked)s)::int, 1, shop_now() FROM dead
    ON CONFLICT (handler, lane) DO UPDATE SET
        failed = known.failed + excluded.failed, buried = known.buried + 1, at = excluded.at
)
INSERT INTO bus_deadletter (event_id, handler, queue, attempts, parked, error, event, died_at)
SELECT
    event_id, handler, queue, greatest(dead.attempts - %(unmade)s, 0), %(parked)s, %(error)s,
    to_jsonb(event) || CASE WHEN amended IS NOT NULL THEN jsonb_build_object('data', amended, 'amended', true)
        ELSE '{}' END,
    shop_now()
FROM dead LEFT JOIN LATERAL (SELECT * FROM bus_event WHERE id = dead.event_id) AS event ON true
RETURNING handler, event_id, coalesce(event ->> 'type', ''), parked
"""


def understood(handler: Handler, name: str, version: int, payload: str | bytes, event_id: UUID) -> Event:
    """What was told, in the version that this handler knows; raises `NotUnderstood`."""
    try:
        told = event_type(name, version).decode(payload, event_id)
        return upcasters.brought_to(handler.event, told)
    except (UnknownEvent, ValueError, RecursionError) as error:
        raise NotUnderstood(str(error)) from error


def claim(seqs: Sequence[int]) -> list[Delivery]:
    """Lock these deliveries, as far as they are still there, and fetch their events."""
    with prepared() as cursor:
        cursor.execute(_CLAIM, [list(seqs)])
        return [
            Delivery(seq, event_id, handler, queue, attempts, heard, (kind, *row) if kind else None)
            for seq, event_id, handler, queue, attempts, heard, kind, *row in cursor.fetchall()
        ]


@contextmanager
def of(seq: int) -> Iterator[None]:
    """Work inside belongs to the event of this delivery, as far as it is still known."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, correlation_id, actor, traceparent FROM bus_event"
            " WHERE id = (SELECT event_id FROM bus_delivery WHERE seq = %s)",
            [seq],
        )
        event = cursor.fetchone()
    with context.within(context.of_event(*event)) if event else nullcontext():
        yield


@contextmanager
def caused_by(deliveries: Sequence[Delivery], name: str) -> Iterator[None]:
    """Work inside, whose name this is, belongs to the events of these deliveries, each to the one of its own key."""
    with tracing.spans(name, [delivery.context for delivery in deliveries]) as contexts:
        causes = {delivery.key: each for delivery, each in zip(deliveries, contexts, strict=True)}
        with context.within(contexts[0], causes):
            yield


def finish(seqs: Sequence[int], *, last_of: Lane | None = None) -> None:
    """These are done: their receipts stand in the transaction of their effects.

    With the last of a lane's batch nothing is in hand there; this is true when, and only if, the batch is.
    """
    lane = (last_of.queue, last_of.number) if last_of else (None, None)
    with prepared() as cursor:
        cursor.execute(_FINISH, {"seqs": list(seqs), "queue": lane[0], "lane": lane[1]})


def forget(seqs: Sequence[int]) -> None:
    """Remove repeats of what has its receipt, or of what is in hand already."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM bus_delivery WHERE seq = ANY(%s)", [list(seqs)])


def count_attempt(seq: int) -> tuple[int, int] | None:
    """Count an attempt before it is made, and put the next one off: whatever happens to this process, it counts.

    Returns which attempt this is and how many there may be; None if the delivery is gone or not due.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bus_delivery SET attempts = attempts + 1, due_at = shop_now() + make_interval(secs => %s)"
            " WHERE seq = %s AND due_at <= shop_now() RETURNING attempts, handler",
            [_AFTER_DEATH, seq],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    attempt, name = row
    return attempt, attempts_of(name)


def try_later(seq: int, attempt: int, error: BaseException) -> None:
    """Keep what went wrong and wait for the next attempt, longer each time. An older attempt changes nothing."""
    seconds = min(settings.BUS_FIRST_WAIT * 4 ** (attempt - 1), LONGEST_WAIT)
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, hides nothing
    _postpone(seq, attempt, error, seconds=seconds * jitter, failed=True)


def put_off(seq: int, attempt: int, error: BaseException, *, seconds: float) -> None:
    """Its dependency is away: wait, and take back the attempt that was counted."""
    _postpone(seq, attempt, error, seconds=seconds, failed=False)


def hurry(seq: int) -> bool:
    """What was tried already waits no longer for its next attempt; False if it is due, or gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bus_delivery SET due_at = shop_now() WHERE seq = %s AND attempts > 0 AND due_at > shop_now()", [seq]
        )
        return bool(cursor.rowcount)


def bury(
    seq: int, error: BaseException | str, *, attempt: int | None = None, parked: bool = False, unmade: int = 0
) -> None:
    """Make a dead letter of a delivery, with a copy of its event, and tell of it; an older attempt changes nothing.

    `unmade` is how many of its attempts were counted and then not made.
    """
    values = {"seq": seq, "attempt": attempt, "error": shown(error), "parked": parked, "unmade": unmade}
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_BURY, values)
        for handler, event_id, kind, is_parked in cursor.fetchall():
            publish_dead_letter_opened(handler=handler, about=event_id, kind=kind, parked=is_parked)


def shown(error: BaseException | str) -> str:
    """What is kept and told of an error: no more than fits, and something even where it cannot say what it is."""
    text = error if isinstance(error, str) else f"{type(error).__name__}: {_said(error)}"
    return text[:_LONGEST_ERROR].encode(errors="replace").decode().replace("\0", "")


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as failure:  # noqa: BLE001 - a handler's own exceptions are no better than its code
        return f"(it cannot say what: {type(failure).__name__})"


def _postpone(seq: int, attempt: int, error: BaseException, *, seconds: float, failed: bool) -> None:
    values: dict[str, Any] = {
        "seq": seq,
        "attempt": attempt,
        "attempts": attempt if failed else attempt - 1,
        "error": shown(error),
        "seconds": seconds,
        "failed": int(failed),
    }
    with connection.cursor() as cursor:
        cursor.execute(_POSTPONE, values)
