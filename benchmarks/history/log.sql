-- What the log still has: the events since its oldest week. Each was caused by the one before it in its order's story.
CREATE TEMP TABLE kept AS SELECT date_trunc('week', %(now)s AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '1 week' AS since;

CREATE TEMP TABLE known AS
SELECT
    placed.*, payment.id AS payment_id, reservation.id AS reservation_id, state, lacking, expires_at, decline_code, money,
    jsonb_build_object('order_id', placed.id, 'number', number::text, 'customer_id', buyer_id) AS about,
    jsonb_build_object(
        'payment_id', payment.id, 'order_id', placed.id, 'order_number', number::text, 'customer_id', buyer_id,
        'amount', money
    ) AS about_money
FROM orders_order AS placed
CROSS JOIN LATERAL (SELECT coalesce(placed.customer_id, guest_id), jsonb_build_object(
    'amount', total, 'currency', placed.currency
)) AS whole (buyer_id, money)
JOIN payments_payment AS payment ON payment.order_id = placed.id
JOIN inventory_reservation AS reservation ON reservation.order_id = placed.id
WHERE placed_at >= (SELECT since - interval '40 days' FROM kept);

CREATE UNIQUE INDEX ON known (id);
ANALYZE known;

CREATE TEMP TABLE told AS
SELECT placed_at AS time, 'order.placed' AS type, '/orders' AS source, 'orders/' || id AS subject, id AS order_id,
    about || jsonb_build_object('total', money, 'payment_method', payment_method, 'lines', (
        SELECT jsonb_agg(jsonb_build_object('sku', sku, 'name', name, 'quantity', quantity, 'unit_price', unit_price))
        FROM orders_orderline WHERE order_id = known.id
    )) AS data FROM known
UNION ALL
SELECT confirmed_at, 'order.confirmed', '/orders', 'orders/' || id, id, about || jsonb_build_object('total', money)
FROM known WHERE confirmed_at IS NOT NULL
UNION ALL
SELECT cancelled_at, 'order.cancelled', '/orders', 'orders/' || id, id,
    about || jsonb_build_object('reason', cancellation_reason, 'cancelled_by', cancelled_by)
FROM known WHERE cancelled_at IS NOT NULL
UNION ALL
SELECT CASE type WHEN 'order.shipped' THEN shipment.shipped_at ELSE shipment.delivered_at END, type, '/orders',
    'orders/' || known.id, known.id, about || jsonb_build_object(
        'shipment_id', shipment.id, 'complete', known.shipped_at <= shipment.shipped_at, 'lines', (
            SELECT jsonb_agg(jsonb_build_object('sku', sku, 'name', name, 'quantity', sent.quantity))
            FROM orders_shipmentline AS sent JOIN orders_orderline AS line ON line.id = line_id
            WHERE shipment_id = shipment.id
        )
    ) || CASE type WHEN 'order.shipped' THEN jsonb_build_object(
        'carrier', carrier, 'tracking_number', tracking_number, 'tracking_url', tracking_url
    ) ELSE '{}' END
FROM known JOIN orders_shipment AS shipment ON shipment.order_id = known.id
CROSS JOIN (VALUES ('order.shipped'), ('order.delivered')) AS types (type)
WHERE type = 'order.shipped' OR shipment.delivered_at IS NOT NULL
UNION ALL
SELECT received_at, 'order.returned', '/orders', 'orders/' || known.id, known.id, about || jsonb_build_object(
    'return_id', back.id, 'refund', jsonb_build_object('amount', refund, 'currency', currency),
    'complete', return_status = 'returned', 'lines', (
        SELECT jsonb_agg(jsonb_build_object('sku', sku, 'name', name, 'quantity', came.quantity, 'restock', restock))
        FROM orders_returnline AS came JOIN orders_orderline AS line ON line.id = line_id WHERE of_id = back.id
    )
)
FROM known JOIN orders_return AS back ON back.order_id = known.id
UNION ALL
SELECT placed_at + interval '400 ms', CASE state WHEN 'rejected' THEN 'stock.rejected' ELSE 'stock.reserved' END,
    '/inventory', 'reservations/' || reservation_id, id,
    jsonb_build_object('reservation_id', reservation_id, 'order_id', id) || CASE state
        WHEN 'rejected' THEN jsonb_build_object('lacking', lacking) ELSE jsonb_build_object('expires_at', expires_at) END
FROM known
UNION ALL
SELECT cancelled_at + interval '300 ms', 'stock.released', '/inventory', 'reservations/' || reservation_id, id,
    jsonb_build_object('reservation_id', reservation_id, 'order_id', id)
FROM known WHERE state = 'released'
UNION ALL
SELECT created_at, 'payment.attempt_opened', '/payments', 'payments/' || attempt.payment_id, known.id, jsonb_build_object(
    'attempt_id', attempt.id, 'payment_id', attempt.payment_id, 'order_id', known.id, 'operation', operation
)
FROM known JOIN payments_attempt AS attempt ON attempt.payment_id = known.payment_id
UNION ALL
SELECT settled_at, type, '/payments', 'payments/' || attempt.payment_id, known.id, CASE type
    WHEN 'payment.declined' THEN
        jsonb_build_object('payment_id', attempt.payment_id, 'order_id', known.id, 'code', decline_code)
    WHEN 'payment.action_required' THEN
        about_money || jsonb_build_object('expires_at', placed_at + interval '55 minutes')
    WHEN 'payment.refunded' THEN about_money || jsonb_build_object(
        'refund_id', refund.id, 'complete', payment_status = 'refunded',
        'refunded', jsonb_build_object('amount', refund.amount, 'currency', currency)
    )
    ELSE about_money END
FROM known JOIN payments_attempt AS attempt ON attempt.payment_id = known.payment_id
LEFT JOIN payments_refund AS refund ON refund.id = refund_id
JOIN (VALUES
    ('authorise', 'succeeded', 'payment.authorized'), ('authorise', 'failed', 'payment.declined'),
    ('authorise', 'waiting', 'payment.action_required'), ('capture', 'succeeded', 'payment.captured'),
    ('void', 'succeeded', 'payment.voided'), ('refund', 'succeeded', 'payment.refunded')
) AS outcomes (operation, outcome, type) USING (operation, outcome);

DELETE FROM told WHERE time < (SELECT since FROM kept);

INSERT INTO bus_event (
    id, type, version, source, subject, sequence, partition_key, time, correlation_id, causation_id, actor, traceparent,
    data
)
SELECT
    id, type, 1, source, subject, row_number() OVER (PARTITION BY subject ORDER BY time, id), order_id, time, order_id,
    coalesce(lag(id) OVER (PARTITION BY order_id ORDER BY time, id)::text, order_id::text), 'system', '', data
FROM told CROSS JOIN LATERAL (SELECT pg_temp.id_at(time, type || subject) AS id) AS named
ORDER BY time, id;

INSERT INTO bus_subject (name, sequence) SELECT subject, count(*) FROM told GROUP BY subject ORDER BY subject;
