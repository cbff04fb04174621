-- An order of one line, from placed to captured and mailed, as plain SQL does it: one transaction for placing it and
-- one for each delivery. The shop makes of such an order, counted in its tables: 8 events (order.placed, stock.changed,
-- stock.reserved, two payment.attempt_opened, payment.authorized, order.confirmed, payment.captured), 14 deliveries, of
-- which two are deadlines that stay, 12 receipts, 6 messages (3 in the app, 3 by mail) and 3 mails that arrive, 2
-- attempts with 2 entries in the gateway's book, a reservation with its line, and one idempotent answer. So do these 13
-- transactions. Who asks is known already, and what the shop does for safety alone (leases, markers, tallies) is left
-- out. A client of pgbench has a lane of its own, so it finds the deliveries of its own order.
--
-- It is frozen, like the tables.

\set good random(1, 100)
\set customer random(1, 500)

-- POST /orders
BEGIN;
SELECT id AS buyer FROM buyers WHERE number = :customer \gset
SELECT sku, name, price FROM goods WHERE number = :good \gset
INSERT INTO orders_order (version, id, status, stock_status, payment_status, cancellation_reason, currency, total,
    shipping_address, payment_method, external_reference, placed_at, customer_id, cancelled_by, fulfilment_status)
VALUES (1, uuidv7(), 'placed', 'pending', 'pending', '', 'EUR', :price::int,
    '{"name": "Ada", "line1": "1 Main Street", "city": "Berlin", "postal_code": "10115", "country": "DE"}',
    'pm_card_visa', '', now(), :buyer::uuid, '', 'unfulfilled') RETURNING id AS order_id \gset
INSERT INTO orders_orderline (sku, name, quantity, unit_price, order_id, shipped)
VALUES (:sku::text, :name::text, 1, :price::int, :order_id::uuid, 0);
WITH numbered AS (
    INSERT INTO bus_subject AS known VALUES ('orders/' || :order_id::text, 1)
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + 1 RETURNING name, sequence
), told AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'order.placed', 1, '/order', name, sequence, :order_id::text, now(), :order_id::text,
        :order_id::text, 'user:' || :buyer::text, '',
        jsonb_build_object('order_id', :order_id::text, 'sku', :sku::text, 'total', :price::int)
    FROM numbered RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told.id, handler, queue, :client_id::smallint, now() + after FROM told, (VALUES
    ('orders.end_at_deadline', 'orders', interval '30 minutes'),
    ('payments.authorise_payment', 'payments', interval '0'),
    ('inventory.reserve_stock', 'inventory', interval '0'),
    ('notifications.send_order_received', 'notifications.out', interval '0')
) AS wanted (handler, queue, after);
INSERT INTO api_idempotentanswer (caller, target, key, body_digest, status, headers, body, created_at)
SELECT 'user:' || :buyer::text, 'POST /api/v1/orders', :order_id::text, sha256(:order_id::text::bytea), 201, '{}',
    left(html, 1300), now() FROM words;
COMMIT;

-- payments.authorise_payment
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'payments' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
INSERT INTO payments_payment (version, id, order_id, order_number, customer_id, amount, currency, method, status,
    wish, busy, charge, decline_code)
VALUES (1, uuidv7(), :order_id::uuid, '10001', :buyer::uuid, :price::int, 'EUR', 'pm_card_visa', 'pending', 'hold',
    true, '', '') RETURNING id AS payment \gset
INSERT INTO payments_attempt (version, id, operation, key, outcome, code, late_answers, created_at, payment_id)
VALUES (1, uuidv7(), 'authorise', :order_id::text || '/authorise', '', '', '[]', now(), :payment::uuid);
WITH numbered AS (
    INSERT INTO bus_subject AS known VALUES ('payments/' || :payment::text, 1)
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + 1 RETURNING name, sequence
), told AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'payment.attempt_opened', 1, '/payment', name, sequence, :order_id::text, now(), :order_id::text,
        :order_id::text, 'user:' || :buyer::text, '',
        jsonb_build_object('order_id', :order_id::text, 'operation', 'authorise')
    FROM numbered RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told.id, handler, queue, :client_id::smallint, now() + after FROM told, (VALUES
    ('payments.ask_gateway', 'payments.out', interval '0')
) AS wanted (handler, queue, after);
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;

-- inventory.reserve_stock
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'inventory' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
UPDATE inventory_stocklevel SET reserved = reserved + 1, version = version + 1 WHERE sku = :sku::text;
INSERT INTO inventory_reservation VALUES (1, uuidv7(), :order_id::uuid, 'held', now() + interval '90 minutes', '[]')
    RETURNING id AS reservation \gset
INSERT INTO inventory_reservationline (sku, location, quantity, reservation_id, shipped)
VALUES (:sku::text, 'main', 1, :reservation::uuid, 0);
WITH numbered AS (
    INSERT INTO bus_subject AS known VALUES ('stock/' || :sku::text, 1)
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + 1 RETURNING name, sequence
), told AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'stock.changed', 1, '/stock', name, sequence, :order_id::text, now(), :order_id::text,
        :order_id::text, 'user:' || :buyer::text, '',
        jsonb_build_object('sku', :sku::text)
    FROM numbered RETURNING id
)
SELECT FROM told;
WITH numbered AS (
    INSERT INTO bus_subject AS known VALUES ('reservations/' || :reservation::text, 1)
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + 1 RETURNING name, sequence
), told AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'stock.reserved', 1, '/stock', name, sequence, :order_id::text, now(), :order_id::text,
        :order_id::text, 'user:' || :buyer::text, '',
        jsonb_build_object('order_id', :order_id::text)
    FROM numbered RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told.id, handler, queue, :client_id::smallint, now() + after FROM told, (VALUES
    ('orders.note_stock_held', 'orders', interval '0'),
    ('inventory.release_expired_hold', 'inventory', interval '90 minutes')
) AS wanted (handler, queue, after);
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;

-- notifications.send_order_received
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'notifications.out' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
INSERT INTO notifications_message (version, id, event_id, recipient_id, channel, address, subject, body, created_at,
    error, facts, kind, language, order_id, requests)
SELECT 1, uuidv7(), :event_id::uuid, :buyer::uuid, channel, '1@load.example.com', 'Your order', body, now(), '',
    jsonb_build_object('order_id', :order_id::text, 'sku', :sku::text), 'received', 'en', :order_id::uuid, 0
FROM words, unnest(ARRAY['app', 'email']) AS channel;
INSERT INTO notifications_receivedmail (message_id, sender, recipients, subject, body, received_at, html)
SELECT '<' || :event_id::text || '@example.com>', 'Shop', '1@load.example.com', 'Your order', body, now(), html
FROM words;
UPDATE notifications_message SET sent_at = now(), version = version + 1
    WHERE event_id = :event_id::uuid AND channel = 'email';
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;

-- payments.ask_gateway, to authorise
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'payments.out' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
SELECT id AS payment FROM payments_payment WHERE order_id = :order_id::uuid FOR UPDATE \gset
INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)
VALUES (:order_id::text || '/authorise', 'authorise', 'ch_' || :order_id::text, :price::int, 'EUR', true, '');
UPDATE payments_attempt SET outcome = 'succeeded', settled_at = now(), version = version + 1
    WHERE payment_id = :payment::uuid AND operation = 'authorise';
UPDATE payments_payment SET status = 'authorized', charge = 'ch_' || :order_id::text, busy = false, 
    version = version + 1 WHERE id = :payment::uuid;
WITH numbered AS (
    INSERT INTO bus_subject AS known VALUES ('payments/' || :payment::text, 1)
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + 1 RETURNING name, sequence
), told AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'payment.authorized', 1, '/payment', name, sequence, :order_id::text, now(), :order_id::text,
        :order_id::text, 'user:' || :buyer::text, '',
        jsonb_build_object('order_id', :order_id::text, 'amount', :price::int)
    FROM numbered RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told.id, handler, queue, :client_id::smallint, now() + after FROM told, (VALUES
    ('orders.note_payment_authorized', 'orders', interval '0')
) AS wanted (handler, queue, after);
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;

-- orders.note_stock_held
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'orders' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
UPDATE orders_order SET stock_status = 'held', version = version + 1 WHERE id = :order_id::uuid;
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;

-- orders.note_payment_authorized
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'orders' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
UPDATE orders_order SET payment_status = 'authorized', status = 'confirmed', confirmed_at = now(), version = version + 1
    WHERE id = :order_id::uuid;
WITH numbered AS (
    INSERT INTO bus_subject AS known VALUES ('orders/' || :order_id::text, 1)
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + 1 RETURNING name, sequence
), told AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'order.confirmed', 1, '/order', name, sequence, :order_id::text, now(), :order_id::text,
        :order_id::text, 'user:' || :buyer::text, '',
        jsonb_build_object('order_id', :order_id::text, 'total', :price::int)
    FROM numbered RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told.id, handler, queue, :client_id::smallint, now() + after FROM told, (VALUES
    ('payments.take_payment', 'payments', interval '0'),
    ('inventory.commit_stock', 'inventory', interval '0'),
    ('notifications.send_order_confirmed', 'notifications.out', interval '0')
) AS wanted (handler, queue, after);
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;

-- payments.take_payment
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'payments' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
UPDATE payments_payment SET wish = 'take', busy = true, version = version + 1 WHERE order_id = :order_id::uuid
    RETURNING id AS payment \gset
INSERT INTO payments_attempt (version, id, operation, key, outcome, code, late_answers, created_at, payment_id)
VALUES (1, uuidv7(), 'capture', :order_id::text || '/capture', '', '', '[]', now(), :payment::uuid);
WITH numbered AS (
    INSERT INTO bus_subject AS known VALUES ('payments/' || :payment::text, 1)
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + 1 RETURNING name, sequence
), told AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'payment.attempt_opened', 1, '/payment', name, sequence, :order_id::text, now(), :order_id::text,
        :order_id::text, 'user:' || :buyer::text, '',
        jsonb_build_object('order_id', :order_id::text, 'operation', 'capture')
    FROM numbered RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told.id, handler, queue, :client_id::smallint, now() + after FROM told, (VALUES
    ('payments.ask_gateway', 'payments.out', interval '0')
) AS wanted (handler, queue, after);
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;

-- inventory.commit_stock
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'inventory' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
UPDATE inventory_reservation SET state = 'committed', version = version + 1 WHERE order_id = :order_id::uuid;
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;

-- notifications.send_order_confirmed
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'notifications.out' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
INSERT INTO notifications_message (version, id, event_id, recipient_id, channel, address, subject, body, created_at,
    error, facts, kind, language, order_id, requests)
SELECT 1, uuidv7(), :event_id::uuid, :buyer::uuid, channel, '1@load.example.com', 'Your order', body, now(), '',
    jsonb_build_object('order_id', :order_id::text, 'sku', :sku::text), 'confirmed', 'en', :order_id::uuid, 0
FROM words, unnest(ARRAY['app', 'email']) AS channel;
INSERT INTO notifications_receivedmail (message_id, sender, recipients, subject, body, received_at, html)
SELECT '<' || :event_id::text || '@example.com>', 'Shop', '1@load.example.com', 'Your order', body, now(), html
FROM words;
UPDATE notifications_message SET sent_at = now(), version = version + 1
    WHERE event_id = :event_id::uuid AND channel = 'email';
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;

-- payments.ask_gateway, to capture
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'payments.out' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
SELECT id AS payment FROM payments_payment WHERE order_id = :order_id::uuid FOR UPDATE \gset
INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)
VALUES (:order_id::text || '/capture', 'capture', 'ch_' || :order_id::text, :price::int, 'EUR', true, '');
UPDATE payments_attempt SET outcome = 'succeeded', settled_at = now(), version = version + 1
    WHERE payment_id = :payment::uuid AND operation = 'capture';
UPDATE payments_payment SET status = 'captured', charge = 'ch_' || :order_id::text, busy = false, captured = amount,
    version = version + 1 WHERE id = :payment::uuid;
WITH numbered AS (
    INSERT INTO bus_subject AS known VALUES ('payments/' || :payment::text, 1)
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + 1 RETURNING name, sequence
), told AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'payment.captured', 1, '/payment', name, sequence, :order_id::text, now(), :order_id::text,
        :order_id::text, 'user:' || :buyer::text, '',
        jsonb_build_object('order_id', :order_id::text, 'amount', :price::int)
    FROM numbered RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told.id, handler, queue, :client_id::smallint, now() + after FROM told, (VALUES
    ('orders.note_payment_captured', 'orders', interval '0'),
    ('notifications.send_receipt', 'notifications.out', interval '0')
) AS wanted (handler, queue, after);
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;

-- orders.note_payment_captured
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'orders' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
UPDATE orders_order SET payment_status = 'captured', version = version + 1 WHERE id = :order_id::uuid;
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;

-- notifications.send_receipt
BEGIN;
SELECT seq, event_id, partition_key AS order_id FROM bus_delivery JOIN bus_event ON bus_event.id = event_id
    WHERE queue = 'notifications.out' AND lane = :client_id AND due_at <= now()
    ORDER BY due_at, seq LIMIT 1 FOR UPDATE OF bus_delivery SKIP LOCKED \gset
INSERT INTO notifications_message (version, id, event_id, recipient_id, channel, address, subject, body, created_at,
    error, facts, kind, language, order_id, requests)
SELECT 1, uuidv7(), :event_id::uuid, :buyer::uuid, channel, '1@load.example.com', 'Your order', body, now(), '',
    jsonb_build_object('order_id', :order_id::text, 'sku', :sku::text), 'receipt', 'en', :order_id::uuid, 0
FROM words, unnest(ARRAY['app', 'email']) AS channel;
INSERT INTO notifications_receivedmail (message_id, sender, recipients, subject, body, received_at, html)
SELECT '<' || :event_id::text || '@example.com>', 'Shop', '1@load.example.com', 'Your order', body, now(), html
FROM words;
UPDATE notifications_message SET sent_at = now(), version = version + 1
    WHERE event_id = :event_id::uuid AND channel = 'email';
WITH done AS (DELETE FROM bus_delivery WHERE seq = :seq::bigint RETURNING event_id, handler)
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done;
COMMIT;
