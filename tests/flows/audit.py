"""What must hold when everything has come to rest, asked of the database in SQL: each question finds who breaks it."""

from collections.abc import Callable, Sequence
from typing import Any

from shop.bus.handlers import handlers

Ask = Callable[[str], Sequence[tuple[Any, ...]]]

_BOOK = """
    SELECT split_part(key, ':', 1)::uuid AS order_id,
        coalesce(sum(amount) FILTER (WHERE done AND operation = 'authorise'), 0) AS authorised,
        coalesce(sum(amount) FILTER (WHERE done AND operation = 'capture'), 0) AS captured,
        coalesce(sum(amount) FILTER (WHERE done AND operation = 'void'), 0) AS voided,
        coalesce(sum(amount) FILTER (WHERE done AND operation = 'refund'), 0) AS refunded
    FROM payments_sandbox_book GROUP BY 1
"""

INVARIANTS = {
    "every order has ended": "SELECT number, status FROM orders_order WHERE status = 'placed'",
    "a confirmed order holds its stock": """
        SELECT number, state FROM orders_order LEFT JOIN inventory_reservation r ON r.order_id = orders_order.id
        WHERE status = 'confirmed' AND state IS DISTINCT FROM 'committed'
    """,
    "a cancelled order holds no stock": """
        SELECT number, state FROM orders_order JOIN inventory_reservation r ON r.order_id = orders_order.id
        WHERE status = 'cancelled' AND state IN ('held', 'committed')
    """,
    "an order that has left is gone from the stock": """
        SELECT number, state FROM orders_order LEFT JOIN inventory_reservation r ON r.order_id = orders_order.id
        WHERE status IN ('shipped', 'delivered') AND state IS DISTINCT FROM 'shipped'
    """,
    "inventory knows of every line how much has left": """
        SELECT line.order_id, line.sku, line.shipped, known.shipped FROM orders_orderline line
        LEFT JOIN inventory_reservation r ON r.order_id = line.order_id
        LEFT JOIN inventory_reservationline known ON known.reservation_id = r.id AND known.sku = line.sku
        WHERE line.shipped <> coalesce(known.shipped, 0)
    """,
    "a line has left as often as its shipments say": """
        SELECT line.order_id, sku, line.shipped, sum(parcel.quantity) FROM orders_orderline line
        LEFT JOIN orders_shipmentline parcel ON parcel.line_id = line.id
        GROUP BY line.id HAVING line.shipped <> coalesce(sum(parcel.quantity), 0)
    """,
    "a confirmed order is paid for once and in full": f"""
        SELECT number, book.* FROM orders_order LEFT JOIN ({_BOOK}) book ON book.order_id = orders_order.id
        WHERE status IN ('confirmed', 'shipped', 'delivered')
            AND (authorised, captured, voided) IS DISTINCT FROM (total, total, 0::bigint)
    """,
    "a confirmed order has back what was given back for a reason": f"""
        SELECT number, book.refunded, given FROM orders_order JOIN ({_BOOK}) book ON book.order_id = orders_order.id
        LEFT JOIN (
            SELECT order_id, sum(refund.amount) AS given FROM payments_refund refund
            JOIN payments_payment payment ON payment.id = refund.payment_id GROUP BY 1
        ) AS refunds ON refunds.order_id = orders_order.id
        WHERE status IN ('confirmed', 'shipped', 'delivered') AND book.refunded <> coalesce(given, 0)
    """,
    "a cancelled order costs nothing": f"""
        SELECT number, book.* FROM orders_order JOIN ({_BOOK}) book ON book.order_id = orders_order.id
        WHERE status = 'cancelled' AND (authorised <> captured + voided OR captured <> refunded)
    """,
    "no money moves without an order": f"""
        SELECT order_id FROM ({_BOOK}) book WHERE NOT EXISTS (SELECT FROM orders_order WHERE id = order_id)
    """,
    "nobody waits for the gateway": "SELECT order_number, status FROM payments_payment WHERE busy",
    "a level says what its reservations say": """
        SELECT sku, reserved, held FROM inventory_stocklevel LEFT JOIN (
            SELECT sku, sum(quantity - shipped) AS held FROM inventory_reservationline line
            JOIN inventory_reservation r ON r.id = line.reservation_id
            WHERE state IN ('held', 'committed') GROUP BY sku
        ) AS live USING (sku)
        WHERE reserved <> coalesce(held, 0) OR reserved > on_hand
    """,
    "a subject's events are numbered without gaps": """
        SELECT subject, count(*), max(sequence) FROM bus_event GROUP BY subject
        HAVING count(*) <> max(sequence) OR count(DISTINCT sequence) <> count(*)
    """,
    "nothing is told twice of an order, a payment or a reservation": """
        SELECT subject, type, count(*) FROM bus_event
        WHERE split_part(subject, '/', 1) IN ('orders', 'payments', 'reservations') AND type <> 'payment.attempt_opened'
        GROUP BY subject, type, data ->> 'shipment_id', data ->> 'return_id', data ->> 'refund_id' HAVING count(*) > 1
    """,
    "every order was told": """
        SELECT number FROM orders_order
        WHERE NOT EXISTS (SELECT FROM bus_event WHERE subject = 'orders/' || orders_order.id AND type = 'order.placed')
    """,
    "no order is told that does not exist": """
        SELECT subject FROM bus_event WHERE type = 'order.placed'
            AND NOT EXISTS (SELECT FROM orders_order WHERE 'orders/' || id = subject)
    """,
    "nothing is still to be done but what is due later": """
        SELECT handler, attempts, error FROM bus_delivery WHERE due_at <= now() + interval '20 minutes'
    """,
    "nothing was given up": "SELECT handler, attempts, error FROM bus_deadletter",
    "every message has left": "SELECT subject FROM notifications_message WHERE sent_at IS NULL",
    "every message has arrived": """
        SELECT subject FROM notifications_message WHERE address <> '' AND NOT EXISTS (
            SELECT FROM notifications_receivedmail mail
            WHERE mail.message_id = '<' || notifications_message.id || '@example.com>'
        )
    """,
    "a customer reads the same in one message only": """
        SELECT recipient_id, message.subject, count(*) FROM notifications_message AS message
        JOIN bus_event AS event ON event.id = message.event_id
        WHERE event.type NOT IN ('payment.refunded', 'order.shipped', 'order.delivered', 'order.returned')
            AND address <> ''
        GROUP BY 1, 2 HAVING count(*) > 1
    """,
}


def is_at_rest(ask: Ask) -> bool:
    """Nothing is due now or soon; what comes later are deadlines."""
    return not ask(INVARIANTS["nothing is still to be done but what is due later"])


def broken(ask: Ask) -> dict[str, Sequence[tuple[Any, ...]]]:
    """The invariants that do not hold, with the rows that break them."""
    found = {claim: ask(question) for claim, question in INVARIANTS.items()}
    found["every event has been heard by everybody"] = ask(_unheard())
    return {claim: rows for claim, rows in found.items() if rows}


def _unheard() -> str:
    expected = ", ".join(
        f"('{handler.event.name}', '{handler.name}')"
        for handler in handlers.values()
        if not handler.after and not handler.name.startswith("stage.")
    )
    return f"""
        SELECT type, handler, subject FROM bus_event JOIN (VALUES {expected}) AS expected (type, handler) USING (type)
        WHERE NOT EXISTS (SELECT FROM bus_receipt r WHERE r.event_id = bus_event.id AND r.handler = expected.handler)
    """
