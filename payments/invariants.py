"""What always holds of money. The gateway's own book can be asked only where it is the sandbox's."""

from django.conf import settings

from shop.doctor import Invariant, heard

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

_BOOK = """
    SELECT split_part(key, ':', 1)::uuid AS order_id,
        coalesce(sum(amount) FILTER (WHERE operation = 'authorise'), 0) AS authorised,
        coalesce(sum(amount) FILTER (WHERE operation = 'capture'), 0) AS captured,
        coalesce(sum(amount) FILTER (WHERE operation = 'void'), 0) AS voided,
        coalesce(sum(amount) FILTER (WHERE operation = 'refund'), 0) AS refunded
    FROM payments_sandbox_book WHERE done GROUP BY 1
"""

INVARIANTS = [
    Invariant(
        claim="so much was taken and given back as the gateway has said",
        broken="""
            SELECT order_number, captured, refunded, taken, back FROM payments_payment AS payment
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
            SELECT order_number, status, wish, captured, refunded FROM payments_payment
            JOIN {heard("order.cancelled", "payments.give_payment_back")} AS cancelled USING (order_id)
            WHERE wish <> 'give_back' OR NOT busy AND (
                status IN ('pending', 'action_required', 'authorized', 'capture_failed')
                OR status = 'captured' AND captured > refunded)
        """,  # noqa: S608 - our own
        remedy="Give the money back at the gateway, and look why the shop did not.",
    ),
    Invariant(
        claim="the money of a confirmed order is taken, or about to be",
        broken=f"""
            SELECT order_number, status, wish FROM payments_payment
            JOIN {heard("order.confirmed", "payments.take_payment")} AS confirmed USING (order_id)
            WHERE wish = 'hold' OR wish = 'take' AND NOT busy AND status = 'authorized'
        """,  # noqa: S608 - our own
        remedy="Replay order.confirmed to payments.take_payment.",
    ),
    Invariant(
        claim="whoever waits for the gateway has a call before them, or a dead letter",
        broken=f"SELECT order_number, status FROM payments_payment AS payment WHERE busy AND NOT {_WAITS}",  # noqa: S608 - our own
        remedy="Ask the gateway by the key of the open attempt, and settle it.",
    ),
]

_OF_THE_SANDBOX = Invariant(
    claim="the gateway's own book agrees, but for calls that are under way",
    broken=f"""
        SELECT coalesce(payment.order_id, book.order_id) AS order_id, payment.status, book.authorised, book.captured,
            book.voided, book.refunded
        FROM payments_payment AS payment FULL JOIN ({_BOOK}) AS book USING (order_id)
        WHERE payment.id IS NULL OR NOT payment.busy AND (
            coalesce(book.captured, 0) <> payment.captured OR coalesce(book.refunded, 0) <> payment.refunded
            OR payment.status = 'authorized' AND coalesce(book.authorised, 0) <> payment.amount
            OR payment.status IN ('voided', 'refunded', 'declined', 'closed')
                AND coalesce(book.authorised - book.captured - book.voided, 0) <> 0)
    """,  # noqa: S608 - our own
    remedy="Compare both books, order by order; the gateway is right about its money.",
)

if settings.PAYMENT_GATEWAY.startswith("payments.gateways.sandbox."):
    INVARIANTS.append(_OF_THE_SANDBOX)
    UNCHECKED = []
else:
    UNCHECKED = ["whether the gateway's own book agrees: compare its report of settlements with the payments"]
