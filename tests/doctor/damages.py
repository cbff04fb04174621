"""What somebody may do to the tables by hand, and which claims are then no longer true: these, and no others."""

_NUMBERED = "a subject's events are numbered without gap or repeat"
_COUNTED = "a subject's counter stands at its last event"
_HEARD = "every event was heard by each of its handlers, or will be, or is a dead letter"
_RETRIED = "what was tried is tried again, or its lease ends, within the longest wait"
_AUDITED = "whoever let go of something, or put it right, stands in the audit"
_COSTS = "an order costs what its lines cost"
_PIECES = "of a line has left what its shipments say, and come back what its returns say"
_DELIVERABLE = "an order that we said to deliver has its stock and its money"
_ORDERS_TOLD = "every order was told, and whatever became of it"
_ORDER_TWICE = "of no order is told twice what happens once"
_SUMS = "so much was taken and given back as the gateway has said"
_KEEPS_NOTHING = "a cancelled order keeps no money"
_TAKEN = "the money of a confirmed order is taken, or about to be"
_MOVES = "money that is not where it is wished is on its way"
_PAYS_FOR = "a payment belongs to an order that was placed, or that ended before it"
_PAYMENTS_TOLD = "whatever became of a payment was told"
_PAYMENT_TWICE = "of no payment is told twice what happens once"
_RESERVED = "so many pieces are reserved as live reservations hold"
_ON_HAND = "so many pieces are on hand as the book of movements says"
_MOVEMENTS = "what left, or came back to be sold again, is in the book of movements"
_HELD_FOR = "pieces are held for orders that were placed"
_STOCK_TOLD = "whatever became of a reservation was told"

_OLD = "now() - interval '1 hour'"
_CONFIRMED = "(SELECT id FROM orders_order WHERE status = 'confirmed')"
_CANCELLED = "(SELECT id FROM orders_order WHERE cancellation_reason = 'fraud')"
_PLACED = "(SELECT id FROM orders_order WHERE status = 'placed')"

_EVENT = "type, version, source, subject, partition_key, time, correlation_id, causation_id, actor, traceparent, data"


def _told_again(kind: str) -> str:
    return f"""
        UPDATE bus_subject SET sequence = sequence + 1
        WHERE name = (SELECT subject FROM bus_event WHERE type = '{kind}' ORDER BY id LIMIT 1);
        INSERT INTO bus_event (id, sequence, {_EVENT})
        SELECT (left(id::text, 24) || '000000000001')::uuid,
            (SELECT sequence FROM bus_subject WHERE name = subject), {_EVENT}
        FROM bus_event WHERE type = '{kind}' ORDER BY id LIMIT 1
    """


DAMAGES = [
    # --- The bus --------------------------------------------------------------------------------------------
    ("DELETE FROM bus_event WHERE type = 'order.confirmed' AND sequence = 2", {_NUMBERED, _COUNTED, _ORDERS_TOLD}),
    ("UPDATE bus_event SET sequence = 1 WHERE type = 'order.confirmed'", {_NUMBERED, _COUNTED}),
    (
        f"UPDATE bus_subject SET sequence = sequence + 1 WHERE name = 'orders/' || {_CONFIRMED}",
        {_COUNTED},
    ),
    (
        (
            "DELETE FROM bus_receipt WHERE handler = 'payments.take_payment'"
            " AND event_id = (SELECT max(id::text)::uuid FROM bus_event WHERE type = 'order.confirmed')"
        ),
        {_HEARD},
    ),
    ("UPDATE bus_delivery SET attempts = 99", {"nothing is tried more often than its handler allows", _RETRIED}),
    ("UPDATE bus_delivery SET attempts = 1, due_at = now() + interval '3 hours'", {_RETRIED}),
    (
        (
            f"INSERT INTO bus_marker (queue, lane, seqs, since) VALUES ('orders', 0, '{{1}}', {_OLD})"
            f" ON CONFLICT (queue, lane) DO UPDATE SET seqs = '{{1}}', since = {_OLD}"
        ),
        {"what a drain has in hand it lets go of, and what a dead one had is taken over"},
    ),
    (
        f"UPDATE bus_delivery SET due_at = {_OLD}",
        {"what is due is being done: nothing has waited for more than a minute"},
    ),
    (
        (
            "INSERT INTO bus_deadletter (event_id, handler, queue, attempts, parked, error, died_at)"
            " VALUES (gen_random_uuid(), 'a.b', 'a', 8, false, 'no', now())"
        ),
        {"nothing was given up"},
    ),
    (
        (
            "INSERT INTO bus_deadletter (event_id, handler, queue, attempts, parked, error, died_at)"
            " VALUES (gen_random_uuid(), 'a.b', 'a', 8, false, ' ', now())"
        ),
        {"nothing was given up", "a dead letter says why"},
    ),
    ("UPDATE bus_receipt SET attempts = 0 WHERE handler = 'payments.take_payment'", {_AUDITED}),
    ("UPDATE bus_delivery SET amended = '{}'", {_AUDITED}),
    (
        (
            "INSERT INTO audit_entry (id, command, action, subject, reason, request)"
            " VALUES (gen_random_uuid(), 'psql', 'x', 'y', '', '')"
        ),
        {"every entry says what was done to what, how it was before and after, unless its person is forgotten"},
    ),
    # --- Orders ---------------------------------------------------------------------------------------------
    ("UPDATE orders_order SET total = total + 1", {_COSTS}),
    ("DELETE FROM orders_orderline", {_COSTS}),
    ("UPDATE orders_orderline SET shipped = 0, returned = 0", {_PIECES}),
    ("UPDATE orders_orderline SET returned = 0", {_PIECES}),
    (f"UPDATE orders_order SET stock_status = 'released' WHERE id = {_CONFIRMED}", {_DELIVERABLE}),
    (f"UPDATE orders_order SET payment_status = 'voided' WHERE id = {_CONFIRMED}", {_DELIVERABLE}),
    (
        "DELETE FROM bus_delivery WHERE queue = 'orders'",
        {"an order that is neither confirmed nor cancelled has a deadline before it", _HEARD},
    ),
    (
        f"DELETE FROM bus_event WHERE type = 'order.placed' AND partition_key = {_CONFIRMED}::text",
        {_ORDERS_TOLD, _PAYS_FOR, _HELD_FOR},
    ),
    ("DELETE FROM bus_event WHERE type = 'order.shipped'", {_NUMBERED, _ORDERS_TOLD}),
    (
        f"DELETE FROM orders_orderline WHERE order_id = {_PLACED}; DELETE FROM orders_order WHERE id = {_PLACED}",
        {"no order is told of that does not exist"},
    ),
    (_told_again("order.placed"), {_ORDER_TWICE, _HEARD}),
    (_told_again("order.shipped"), {_ORDER_TWICE, _HEARD}),
    (_told_again("order.returned"), {_ORDER_TWICE, _HEARD}),
    # --- Stock ----------------------------------------------------------------------------------------------
    ("UPDATE inventory_stocklevel SET reserved = reserved + 1", {_RESERVED}),
    (f"UPDATE inventory_reservation SET state = 'released' WHERE order_id = {_CONFIRMED}", {_RESERVED, _STOCK_TOLD}),
    ("UPDATE inventory_stocklevel SET on_hand = 99", {_ON_HAND}),
    ("DELETE FROM inventory_movement WHERE cause = 'returned'", {_ON_HAND, _MOVEMENTS}),
    (
        "DELETE FROM inventory_movement WHERE cause = 'shipped'",
        {_ON_HAND, _MOVEMENTS, "of a reservation has left what the book of movements says"},
    ),
    ("UPDATE inventory_reservationline SET shipped = 0", {"of a reservation has left what the book of movements says"}),
    (
        f"UPDATE inventory_reservation SET state = 'committed' WHERE order_id = {_CANCELLED}",
        {_RESERVED, "a cancelled order holds nothing"},
    ),
    (
        f"UPDATE inventory_reservation SET expires_at = {_OLD} WHERE state = 'held'",
        {"a hold that nobody committed to ends at its time"},
    ),
    (
        (
            "UPDATE inventory_reservation SET state = 'held', expires_at = now() + interval '1 hour'"
            f" WHERE order_id = {_CONFIRMED}"
        ),
        {"what is held for a confirmed order is held until it leaves"},
    ),
    (
        (
            "INSERT INTO inventory_reservation (id, version, order_id, state, expires_at, lacking)"
            " VALUES (uuidv7(), 1, gen_random_uuid(), 'held', now() + interval '1 hour', '[]')"
        ),
        {_HELD_FOR},
    ),
    ("DELETE FROM bus_event WHERE type = 'stock.released'", {_COUNTED, _STOCK_TOLD}),
    (_told_again("stock.reserved"), {"of no reservation is told twice what happens once", _HEARD}),
    (
        (
            "DELETE FROM inventory_reservationline; UPDATE inventory_stocklevel SET reserved = 0;"
            f" DELETE FROM inventory_reservation WHERE order_id = {_PLACED}"
        ),
        {"no reservation is told of that does not exist"},
    ),
    # --- Money ----------------------------------------------------------------------------------------------
    ("UPDATE payments_payment SET captured = 1, refunded = 0 WHERE status = 'captured'", {_SUMS}),
    (f"UPDATE payments_payment SET wish = 'take' WHERE order_id = {_CANCELLED}", {_KEEPS_NOTHING}),
    (
        f"UPDATE payments_payment SET status = 'captured', refunded = 0 WHERE order_id = {_CANCELLED}",
        {_KEEPS_NOTHING, _SUMS, _MOVES},
    ),
    (f"UPDATE payments_payment SET status = 'authorized' WHERE order_id = {_CONFIRMED}", {_TAKEN, _MOVES}),
    (f"UPDATE payments_payment SET wish = 'hold' WHERE order_id = {_CONFIRMED}", {_TAKEN}),
    (f"UPDATE payments_payment SET wish = 'give_back' WHERE order_id = {_CONFIRMED}", {_MOVES}),
    (
        f"UPDATE payments_payment SET busy = true WHERE order_id = {_CONFIRMED}",
        {"whoever waits for the gateway has a call before them, or a dead letter"},
    ),
    (
        (
            "INSERT INTO payments_payment (id, version, order_id, order_number, customer_id, amount, currency, method,"
            " status, wish, busy, charge, decline_code) SELECT uuidv7(), 1, gen_random_uuid(), '10007',"
            " customer_id, 100, 'EUR', '', 'declined', 'give_back', false, '', '' FROM payments_payment LIMIT 1"
        ),
        {_PAYS_FOR},
    ),
    ("DELETE FROM bus_event WHERE type = 'payment.captured'", {_NUMBERED, _PAYMENTS_TOLD}),
    (_told_again("payment.captured"), {_PAYMENT_TWICE, _HEARD}),
    (_told_again("payment.refunded"), {_PAYMENT_TWICE, _HEARD}),
    (_told_again("payment.attempt_opened"), {_PAYMENT_TWICE, _HEARD}),
    (
        f"DELETE FROM payments_attempt; DELETE FROM payments_payment WHERE order_id = {_PLACED}",
        {
            "no payment is told of that does not exist",
            _SUMS,
            "the gateway's own book agrees, but for calls that are under way",
        },
    ),
    # --- Messages -------------------------------------------------------------------------------------------
    (
        "UPDATE notifications_message SET sent_at = NULL WHERE channel = 'email'",
        {"a mail has left, or was refused, or is on its way, or a dead letter"},
    ),
    (
        (
            "INSERT INTO notifications_alert (version, id, kind, count, examples, opened_at)"
            " VALUES (1, gen_random_uuid(), 'stock_low', 1, '[]', now())"
        ),
        {"an alert that gathers will be told, or is a dead letter"},
    ),
]
