"""What always holds of money."""

from collections.abc import Iterator
from datetime import datetime

from payments.gateways import KeepsBook, NoAnswer, gateway
from payments.repairs import ASK_AGAIN, GIVE_BACK, GO_ON, TAKE
from payments.services import NEXT, differences
from shop.bus import Unavailable
from shop.doctor import Invariant, NotAsked, Row, ghosts, heard, told_twice, untold

_WAITS = """
    EXISTS (
        SELECT FROM payments_attempt AS attempt JOIN bus_event AS event
            ON event.partition_key = payment.order_id::text AND event.type = 'payment.attempt_opened'
            AND event.data ->> 'attempt_id' = attempt.id::text
        JOIN (
            SELECT event_id, handler FROM bus_delivery UNION ALL SELECT event_id, handler FROM bus_deadletter
        ) AS ahead ON ahead.event_id = event.id AND ahead.handler = 'payments.ask_gateway'
        WHERE attempt.payment_id = payment.id AND attempt.outcome IN ('open', 'sent'))
"""

_ONCE = ("action_required", "authorized", "captured", "declined", "capture_failed", "voided")

_MOVES = ", ".join(f"('{status}', '{wish}')" for status, wish in NEXT)


def _differs(since: datetime) -> Iterator[Row]:
    book = gateway()
    if not isinstance(book, KeepsBook):
        raise NotAsked("this gateway shows no book: compare its report of settlements with the payments")
    try:
        yield from differences(book, since=since)
    except (NoAnswer, Unavailable) as error:
        raise NotAsked(f"the gateway was asked for its book: {error}") from error


INVARIANTS = [
    Invariant(
        claim="so much was taken and given back as the gateway has said",
        broken="""
            SELECT order_number, order_id, captured, refunded, taken, back FROM payments_payment AS payment
            LEFT JOIN LATERAL (
                SELECT payment.amount AS taken FROM payments_attempt
                WHERE payment_id = payment.id AND operation = 'capture' AND outcome = 'succeeded'
            ) AS took ON true
            LEFT JOIN LATERAL (
                SELECT sum(amount) AS back FROM payments_refund
                WHERE payment_id = payment.id AND status = 'succeeded'
            ) AS gave ON true
            WHERE (captured, refunded) <> (coalesce(taken, 0), coalesce(back, 0))
        """,
        remedy="Somebody changed payments by hand: set the sums right by its attempts and refunds.",
    ),
    Invariant(
        claim="a cancelled order keeps no money",
        broken=f"""
            SELECT order_number, order_id, status, wish, captured, refunded FROM payments_payment
            JOIN {heard("order.cancelled", "payments.give_payment_back")} AS cancelled USING (order_id)
            WHERE wish <> 'give_back' OR NOT busy AND (
                status IN ('pending', 'action_required', 'authorized', 'capture_failed')
                OR status = 'captured' AND captured > refunded)
        """,  # noqa: S608 - our own
        remedy="Give the money back at the gateway, and look why the shop did not.",
        repair=GIVE_BACK,
    ),
    Invariant(
        claim="the money of a confirmed order is taken, or about to be",
        broken=f"""
            SELECT order_number, order_id, status, wish FROM payments_payment
            JOIN {heard("order.confirmed", "payments.take_payment")} AS confirmed USING (order_id)
            WHERE wish = 'hold' OR wish = 'take' AND NOT busy AND status = 'authorized'
        """,  # noqa: S608 - our own
        remedy="Replay order.confirmed to payments.take_payment.",
        repair=TAKE,
    ),
    Invariant(
        claim="whoever waits for the gateway has a call before them, or a dead letter",
        broken=f"""
            SELECT order_number, order_id, status FROM payments_payment AS payment WHERE busy AND NOT {_WAITS}
        """,  # noqa: S608 - our own
        remedy="Ask the gateway by the key of the open attempt, and settle it.",
        repair=ASK_AGAIN,
    ),
    Invariant(
        claim="money that is not where it is wished is on its way",
        broken=f"""
            SELECT order_number, order_id, status, wish, captured, refunded FROM payments_payment AS payment
            WHERE NOT busy AND ((status, wish) IN ({_MOVES}) OR status = 'captured' AND (
                wish = 'give_back' AND captured > refunded
                OR EXISTS (SELECT FROM payments_refund WHERE payment_id = payment.id AND status = 'pending')))
        """,  # noqa: S608 - our own
        remedy="Look who changed it past the shop; then have the gateway asked for what comes next.",
        repair=GO_ON,
    ),
    Invariant(
        claim="a payment belongs to an order that was placed, or that ended before it",
        broken="""
            SELECT order_number, order_id, status, amount, captured FROM payments_payment AS payment
            WHERE id >= %(made_id)s AND status <> 'closed' AND NOT EXISTS (
                SELECT FROM bus_event WHERE partition_key = payment.order_id::text AND type = 'order.placed')
        """,
        remedy="An order was removed past the shop: compare with a backup before any money is given back.",
    ),
    Invariant(
        claim="whatever became of a payment was told",
        broken=untold("""
            SELECT payment.order_number, payment.order_id, payment.order_id::text AS key, type, part
            FROM payments_payment AS payment JOIN LATERAL (
                SELECT 'payment.' || status AS type, NULL::jsonb AS part
                WHERE status IN ('action_required', 'authorized', 'declined', 'capture_failed', 'voided')
                UNION ALL SELECT 'payment.captured', NULL WHERE captured > 0
                UNION ALL SELECT 'payment.refunded', jsonb_build_object('refund_id', id) FROM payments_refund
                WHERE payment_id = payment.id AND status = 'succeeded'
            ) AS became ON true
            WHERE payment.id >= %(made_id)s AND EXISTS (
                SELECT FROM bus_event WHERE partition_key = payment.order_id::text AND type = 'order.placed')
        """),
        remedy="Somebody changed payments past the shop: compare with the gateway, and with a backup.",
    ),
    Invariant(
        claim="of no payment is told twice what happens once",
        broken=f"""
            {told_twice(*(f"payment.{each}" for each in _ONCE))}
            UNION ALL {told_twice("payment.refunded", by="refund_id")}
            UNION ALL {told_twice("payment.attempt_opened", by="attempt_id")}
        """,
        remedy="Look in the log for what wrote it the second time; whoever heard it did it twice.",
    ),
    Invariant(
        claim="no payment is told of that does not exist",
        broken=ghosts("payments", "payments_payment"),
        remedy="A payment was removed past the shop: compare with a backup.",
    ),
    Invariant(
        claim="the gateway's own book agrees, but for calls that are under way",
        broken=_differs,
        remedy="Compare both books, order by order; the gateway is right about its money.",
    ),
]
