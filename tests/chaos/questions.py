"""What the auditor asks of the shop's database, in SQL of its own. Each question finds who breaks a rule."""

ORDERS = """
SELECT id::text, number, external_reference AS key, status, stock_status, payment_status, cancellation_reason, total
FROM orders_order
"""

BOOK = """
SELECT split_part(key, ':', 1) AS order_id,
    coalesce(sum(amount) FILTER (WHERE operation = 'authorise'), 0)::bigint AS authorised,
    coalesce(sum(amount) FILTER (WHERE operation = 'capture'), 0)::bigint AS captured,
    coalesce(sum(amount) FILTER (WHERE operation = 'void'), 0)::bigint AS voided,
    coalesce(sum(amount) FILTER (WHERE operation = 'refund'), 0)::bigint AS refunded,
    coalesce(max(times), 0) AS most
FROM (
    SELECT *, count(*) OVER (PARTITION BY split_part(key, ':', 1), operation) AS times
    FROM payments_sandbox_book WHERE done
) AS done GROUP BY 1
"""
"""What the gateway has done for each order, and how often it did the same."""

HOLDS = """
SELECT order_id::text, state, coalesce(jsonb_object_agg(sku, quantity) FILTER (WHERE sku IS NOT NULL), '{}') AS pieces
FROM inventory_reservation AS held LEFT JOIN inventory_reservationline AS line ON line.reservation_id = held.id
GROUP BY held.id
"""

MAILS = """
SELECT order_id::text, kind, count(DISTINCT arrived.message_id) AS mails, count(arrived.id) AS arrivals
FROM notifications_message AS written JOIN notifications_receivedmail AS arrived
    ON arrived.message_id LIKE '<' || written.id || '@%'
WHERE order_id IS NOT NULL GROUP BY order_id, kind
"""

DOUBLE = {
    "stock was counted twice, or lost": """
        SELECT sku, on_hand, reserved, held FROM inventory_stocklevel LEFT JOIN (
            SELECT sku, sum(quantity - shipped) AS held FROM inventory_reservationline AS line
            JOIN inventory_reservation AS reservation ON reservation.id = line.reservation_id
            WHERE state IN ('held', 'committed') GROUP BY sku
        ) AS live USING (sku)
        WHERE reserved <> coalesce(held, 0) OR reserved < 0 OR reserved > on_hand
    """,
    "pieces on hand are not what the book of movements says": """
        SELECT sku, on_hand, moved FROM inventory_stocklevel LEFT JOIN (
            SELECT sku, sum(delta) AS moved FROM inventory_movement GROUP BY sku
        ) AS book USING (sku)
        WHERE on_hand <> coalesce(moved, 0)
    """,
    "one key has two orders": """
        SELECT external_reference, count(*), array_agg(id) FROM orders_order
        WHERE external_reference <> '' GROUP BY external_reference HAVING count(*) > 1
    """,
    "the gateway was asked twice for the same, or for too much": """
        SELECT order_id, authorised, captured, voided, refunded, most FROM (%(book)s) AS book
        WHERE most > 1 OR captured + voided > authorised OR refunded > captured
    """.replace("%(book)s", BOOK),
    "money moved for an order that does not exist": """
        SELECT order_id FROM (%(book)s) AS book
        WHERE NOT EXISTS (SELECT FROM orders_order WHERE id = book.order_id::uuid)
    """.replace("%(book)s", BOOK),
    "a mail has left twice, as two": """
        SELECT recipients, subject, count(DISTINCT message_id) FROM notifications_receivedmail
        GROUP BY recipients, subject HAVING count(DISTINCT message_id) > 1
    """,
}
"""What must hold at any time, in the middle of a storm too: each in one statement, so in one moment."""

GIVEN_UP = "SELECT event ->> 'partition_key', handler, attempts, error FROM bus_deadletter"

DUE = """
SELECT extract(epoch FROM now() - due_at)::float, handler || ', attempt ' || attempts
FROM bus_delivery WHERE due_at <= now() ORDER BY due_at LIMIT 1
"""
"""For how many seconds the oldest due work has waited, and what it is."""

RESTLESS = "SELECT count(*) FROM bus_delivery WHERE due_at <= now() OR attempts > 0"

OPEN = "SELECT count(*) FROM orders_order WHERE status = 'placed'"

STORY = {
    "order": "SELECT to_jsonb(o) - 'shipping_address' FROM orders_order AS o WHERE id = %(order)s::uuid",
    "events": """
        SELECT time::text, type, subject, sequence, id::text FROM bus_event
        WHERE partition_key = %(order)s ORDER BY id
    """,
    "to do": """
        SELECT handler, attempts, due_at::text, error FROM bus_delivery
        WHERE event_id IN (SELECT id FROM bus_event WHERE partition_key = %(order)s) ORDER BY seq
    """,
    "done": """
        SELECT handler, attempts, done_at::text FROM bus_receipt
        WHERE event_id IN (SELECT id FROM bus_event WHERE partition_key = %(order)s) ORDER BY done_at
    """,
    "dead letters": """
        SELECT handler, attempts, error, died_at::text FROM bus_deadletter
        WHERE event_id IN (SELECT id FROM bus_event WHERE partition_key = %(order)s)
    """,
    "payment": "SELECT to_jsonb(p) FROM payments_payment AS p WHERE order_id = %(order)s::uuid",
    "attempts": """
        SELECT operation, key, outcome, attempt.code, settled_at::text, late_answers FROM payments_attempt AS attempt
        JOIN payments_payment AS payment ON payment.id = payment_id WHERE order_id = %(order)s::uuid ORDER BY attempt.id
    """,
    "the gateway's book": """
        SELECT written_at::text, key, operation, amount, done, code FROM payments_sandbox_book
        WHERE key LIKE %(order)s || ':%%' ORDER BY written_at
    """,
    "reservation": "SELECT to_jsonb(r) FROM inventory_reservation AS r WHERE order_id = %(order)s::uuid",
    "mails": "SELECT kind, id::text, sent_at::text FROM notifications_message WHERE order_id = %(order)s::uuid",
}
"""All that the shop knows of one order, for a reader who looks for what went wrong."""
