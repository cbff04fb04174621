-- The same as in naive.sql, a hundred orders at a time: one statement for placing them, and one for each kind of
-- delivery. The same rows come of it, but that mails are written once, as sent. No shop knows the orders that
-- will come, so this is not to be reached; it is what the server could do. It is frozen, like the tables.

\set first random(1, 500)

-- POST /orders
WITH wanted AS MATERIALIZED (
    SELECT uuidv7() AS order_id, buyers.id AS buyer, 'user:' || buyers.id AS actor, sku, name, price
    FROM goods JOIN buyers ON buyers.number = 1 + (goods.number + :first) % 500
), placed AS (
    INSERT INTO orders_order (version, id, status, stock_status, payment_status, cancellation_reason, currency, total,
        shipping_address, payment_method, external_reference, placed_at, customer_id, cancelled_by, fulfilment_status)
    SELECT 1, order_id, 'placed', 'pending', 'pending', '', 'EUR', price,
        '{"name": "Ada", "line1": "1 Main Street", "city": "Berlin", "postal_code": "10115", "country": "DE"}',
        'pm_card_visa', '', now(), buyer, '', 'unfulfilled' FROM wanted
), line AS (
    INSERT INTO orders_orderline (sku, name, quantity, unit_price, order_id, shipped)
    SELECT sku, name, 1, price, order_id, 0 FROM wanted
), answer AS (
    INSERT INTO api_idempotentanswer (caller, target, key, body_digest, status, headers, body, created_at)
    SELECT actor, 'POST /api/v1/orders', order_id, sha256(order_id::text::bytea), 201, '{}', left(html, 1300), now()
    FROM wanted, words
), numbered1 AS (
    INSERT INTO bus_subject AS known SELECT 'orders/' || order_id, count(*) FROM wanted GROUP BY 1 ORDER BY 1
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + excluded.sequence RETURNING name AS subject, sequence
), told1 AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'order.placed', 1, '/order', subject, sequence, order_id, now(), order_id, order_id,
        actor, '', jsonb_build_object('order_id', order_id, 'sku', sku, 'total', price)
    FROM wanted JOIN numbered1 ON numbered1.subject = 'orders/' || order_id RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told1.id, handler, queue, :client_id, now() + after FROM told1, (VALUES
    ('orders.end_at_deadline', 'orders', interval '30 minutes'),
    ('payments.authorise_payment', 'payments', interval '0'),
    ('inventory.reserve_stock', 'inventory', interval '0'),
    ('notifications.send_order_received', 'notifications.out', interval '0')
) AS wanted (handler, queue, after);

-- payments.authorise_payment
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'payments' AND lane = :client_id AND due_at <= now()
            AND handler = 'payments.authorise_payment'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
), opened AS (
    INSERT INTO payments_payment (version, id, order_id, order_number, customer_id, amount, currency, method, status,
        wish, busy, charge, decline_code)
    SELECT 1, uuidv7(), order_id, number, customer_id, total, 'EUR', payment_method, 'pending', 'hold', true, '', ''
    FROM about JOIN orders_order ON id = order_id RETURNING id AS payment, order_id
), attempt AS (
    INSERT INTO payments_attempt (version, id, operation, key, outcome, code, late_answers, created_at, payment_id)
    SELECT 1, uuidv7(), 'authorise', order_id || '/authorise', '', '', '[]', now(), payment FROM opened
), news AS (
    SELECT payment, order_id, actor, sku FROM opened JOIN about USING (order_id)
), numbered1 AS (
    INSERT INTO bus_subject AS known SELECT 'payments/' || payment, count(*) FROM news GROUP BY 1 ORDER BY 1
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + excluded.sequence RETURNING name AS subject, sequence
), told1 AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'payment.attempt_opened', 1, '/payment', subject, sequence, order_id, now(), order_id, order_id,
        actor, '', jsonb_build_object('order_id', order_id, 'operation', 'authorise', 'sku', sku)
    FROM news JOIN numbered1 ON numbered1.subject = 'payments/' || payment RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told1.id, handler, queue, :client_id, now() + after FROM told1, (VALUES
    ('payments.ask_gateway', 'payments.out', interval '0')
) AS wanted (handler, queue, after);

-- inventory.reserve_stock
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'inventory' AND lane = :client_id AND due_at <= now()
            AND handler = 'inventory.reserve_stock'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
), locked AS MATERIALIZED (
    SELECT id, sku FROM inventory_stocklevel WHERE sku IN (SELECT sku FROM about) ORDER BY sku FOR UPDATE
), taken AS (
    UPDATE inventory_stocklevel AS level SET reserved = reserved + pieces, version = version + 1
    FROM locked JOIN (SELECT sku, count(*) AS pieces FROM about GROUP BY sku) AS wanted USING (sku)
    WHERE level.id = locked.id
), held AS (
    INSERT INTO inventory_reservation SELECT 1, uuidv7(), order_id, 'held', now() + interval '90 minutes', '[]'
    FROM about RETURNING id AS reservation, order_id
), news AS MATERIALIZED (
    SELECT reservation, order_id, actor, sku FROM held JOIN about USING (order_id)
), line AS (
    INSERT INTO inventory_reservationline (sku, location, quantity, reservation_id, shipped)
    SELECT sku, 'main', 1, reservation, 0 FROM news
), numbered1 AS (
    INSERT INTO bus_subject AS known SELECT 'stock/' || sku, count(*) FROM news GROUP BY 1 ORDER BY 1
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + excluded.sequence RETURNING name AS subject, sequence
), told1 AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'stock.changed', 1, '/stock', subject, sequence, order_id, now(), order_id, order_id,
        actor, '', jsonb_build_object('sku', sku)
    FROM news JOIN numbered1 ON numbered1.subject = 'stock/' || sku RETURNING id
), numbered2 AS (
    INSERT INTO bus_subject AS known SELECT 'reservations/' || reservation, count(*) FROM news GROUP BY 1 ORDER BY 1
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + excluded.sequence RETURNING name AS subject, sequence
), told2 AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'stock.reserved', 1, '/stock', subject, sequence, order_id, now(), order_id, order_id,
        actor, '', jsonb_build_object('order_id', order_id, 'sku', sku)
    FROM news JOIN numbered2 ON numbered2.subject = 'reservations/' || reservation RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told2.id, handler, queue, :client_id, now() + after FROM told2, (VALUES
    ('orders.note_stock_held', 'orders', interval '0'),
    ('inventory.release_expired_hold', 'inventory', interval '90 minutes')
) AS wanted (handler, queue, after);

-- notifications.send_order_received
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'notifications.out' AND lane = :client_id AND due_at <= now()
            AND handler = 'notifications.send_order_received'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
), message AS (
    INSERT INTO notifications_message (version, id, event_id, recipient_id, channel, address, subject, body, created_at,
        sent_at, error, facts, kind, language, order_id, requests)
    SELECT 2, uuidv7(), event_id, substr(actor, 6)::uuid, channel, '1@load.example.com', 'Your order', body, now(),
        now(), '', jsonb_build_object('order_id', order_id, 'sku', sku), 'received', 'en', order_id, 0
    FROM about, words, unnest(ARRAY['app', 'email']) AS channel
)
INSERT INTO notifications_receivedmail (message_id, sender, recipients, subject, body, received_at, html)
SELECT '<' || event_id || '@example.com>', 'Shop', '1@load.example.com', 'Your order', body, now(), html
FROM about, words;

-- payments.ask_gateway, to authorise
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'payments.out' AND lane = :client_id AND due_at <= now()
            AND handler = 'payments.ask_gateway'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
), paid AS (
    UPDATE payments_payment SET status = 'authorized', charge = 'ch_' || about.order_id, busy = false,
        version = version + 1
    FROM about WHERE payments_payment.order_id = about.order_id
    RETURNING id AS payment, about.order_id, about.actor, about.sku, amount
), book AS (
    INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)
    SELECT order_id || '/authorise', 'authorise', 'ch_' || order_id, amount, 'EUR', true, '' FROM paid
), settled AS (
    UPDATE payments_attempt SET outcome = 'succeeded', settled_at = now(), version = version + 1
    FROM paid WHERE payment_id = payment AND operation = 'authorise'
), numbered1 AS (
    INSERT INTO bus_subject AS known SELECT 'payments/' || payment, count(*) FROM paid GROUP BY 1 ORDER BY 1
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + excluded.sequence RETURNING name AS subject, sequence
), told1 AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'payment.authorized', 1, '/payment', subject, sequence, order_id, now(), order_id, order_id,
        actor, '', jsonb_build_object('order_id', order_id, 'amount', amount, 'sku', sku)
    FROM paid JOIN numbered1 ON numbered1.subject = 'payments/' || payment RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told1.id, handler, queue, :client_id, now() + after FROM told1, (VALUES
    ('orders.note_payment_authorized', 'orders', interval '0')
) AS wanted (handler, queue, after);

-- orders.note_stock_held
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'orders' AND lane = :client_id AND due_at <= now()
            AND handler = 'orders.note_stock_held'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
)
UPDATE orders_order AS known SET stock_status = 'held', version = version + 1
FROM about WHERE known.id = about.order_id;

-- orders.note_payment_authorized
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'orders' AND lane = :client_id AND due_at <= now()
            AND handler = 'orders.note_payment_authorized'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
), confirmed AS (
    UPDATE orders_order SET payment_status = 'authorized', status = 'confirmed', confirmed_at = now(),
        version = version + 1
    FROM about WHERE id = order_id RETURNING order_id, actor, sku, total
), numbered1 AS (
    INSERT INTO bus_subject AS known SELECT 'orders/' || order_id, count(*) FROM confirmed GROUP BY 1 ORDER BY 1
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + excluded.sequence RETURNING name AS subject, sequence
), told1 AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'order.confirmed', 1, '/order', subject, sequence, order_id, now(), order_id, order_id,
        actor, '', jsonb_build_object('order_id', order_id, 'total', total, 'sku', sku)
    FROM confirmed JOIN numbered1 ON numbered1.subject = 'orders/' || order_id RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told1.id, handler, queue, :client_id, now() + after FROM told1, (VALUES
    ('payments.take_payment', 'payments', interval '0'),
    ('inventory.commit_stock', 'inventory', interval '0'),
    ('notifications.send_order_confirmed', 'notifications.out', interval '0')
) AS wanted (handler, queue, after);

-- payments.take_payment
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'payments' AND lane = :client_id AND due_at <= now()
            AND handler = 'payments.take_payment'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
), wished AS (
    UPDATE payments_payment AS known SET wish = 'take', busy = true, version = version + 1
    FROM about WHERE known.order_id = about.order_id RETURNING id AS payment, about.order_id, actor, sku
), attempt AS (
    INSERT INTO payments_attempt (version, id, operation, key, outcome, code, late_answers, created_at, payment_id)
    SELECT 1, uuidv7(), 'capture', order_id || '/capture', '', '', '[]', now(), payment FROM wished
), numbered1 AS (
    INSERT INTO bus_subject AS known SELECT 'payments/' || payment, count(*) FROM wished GROUP BY 1 ORDER BY 1
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + excluded.sequence RETURNING name AS subject, sequence
), told1 AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'payment.attempt_opened', 1, '/payment', subject, sequence, order_id, now(), order_id, order_id,
        actor, '', jsonb_build_object('order_id', order_id, 'operation', 'capture', 'sku', sku)
    FROM wished JOIN numbered1 ON numbered1.subject = 'payments/' || payment RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told1.id, handler, queue, :client_id, now() + after FROM told1, (VALUES
    ('payments.ask_gateway', 'payments.out', interval '0')
) AS wanted (handler, queue, after);

-- inventory.commit_stock
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'inventory' AND lane = :client_id AND due_at <= now()
            AND handler = 'inventory.commit_stock'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
)
UPDATE inventory_reservation AS known SET state = 'committed', version = version + 1
FROM about WHERE known.order_id = about.order_id;

-- notifications.send_order_confirmed
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'notifications.out' AND lane = :client_id AND due_at <= now()
            AND handler = 'notifications.send_order_confirmed'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
), message AS (
    INSERT INTO notifications_message (version, id, event_id, recipient_id, channel, address, subject, body, created_at,
        sent_at, error, facts, kind, language, order_id, requests)
    SELECT 2, uuidv7(), event_id, substr(actor, 6)::uuid, channel, '1@load.example.com', 'Your order', body, now(),
        now(), '', jsonb_build_object('order_id', order_id, 'sku', sku), 'confirmed', 'en', order_id, 0
    FROM about, words, unnest(ARRAY['app', 'email']) AS channel
)
INSERT INTO notifications_receivedmail (message_id, sender, recipients, subject, body, received_at, html)
SELECT '<' || event_id || '@example.com>', 'Shop', '1@load.example.com', 'Your order', body, now(), html
FROM about, words;

-- payments.ask_gateway, to capture
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'payments.out' AND lane = :client_id AND due_at <= now()
            AND handler = 'payments.ask_gateway'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
), paid AS (
    UPDATE payments_payment SET status = 'captured', charge = 'ch_' || about.order_id, busy = false, captured = amount,
        version = version + 1
    FROM about WHERE payments_payment.order_id = about.order_id
    RETURNING id AS payment, about.order_id, about.actor, about.sku, amount
), book AS (
    INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)
    SELECT order_id || '/capture', 'capture', 'ch_' || order_id, amount, 'EUR', true, '' FROM paid
), settled AS (
    UPDATE payments_attempt SET outcome = 'succeeded', settled_at = now(), version = version + 1
    FROM paid WHERE payment_id = payment AND operation = 'capture'
), numbered1 AS (
    INSERT INTO bus_subject AS known SELECT 'payments/' || payment, count(*) FROM paid GROUP BY 1 ORDER BY 1
    ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + excluded.sequence RETURNING name AS subject, sequence
), told1 AS (
    INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,
        causation_id, actor, traceparent, data)
    SELECT uuidv7(), 'payment.captured', 1, '/payment', subject, sequence, order_id, now(), order_id, order_id,
        actor, '', jsonb_build_object('order_id', order_id, 'amount', amount, 'sku', sku)
    FROM paid JOIN numbered1 ON numbered1.subject = 'payments/' || payment RETURNING id
)
INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
SELECT told1.id, handler, queue, :client_id, now() + after FROM told1, (VALUES
    ('orders.note_payment_captured', 'orders', interval '0'),
    ('notifications.send_receipt', 'notifications.out', interval '0')
) AS wanted (handler, queue, after);

-- orders.note_payment_captured
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'orders' AND lane = :client_id AND due_at <= now()
            AND handler = 'orders.note_payment_captured'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
)
UPDATE orders_order AS known SET payment_status = 'captured', version = version + 1
FROM about WHERE known.id = about.order_id;

-- notifications.send_receipt
WITH done AS (
    DELETE FROM bus_delivery WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery
        WHERE queue = 'notifications.out' AND lane = :client_id AND due_at <= now()
            AND handler = 'notifications.send_receipt'
        ORDER BY due_at, seq LIMIT 100 FOR UPDATE SKIP LOCKED
    )) RETURNING event_id, handler
), receipt AS (
    INSERT INTO bus_receipt SELECT event_id, handler, 1, clock_timestamp() FROM done
), about AS MATERIALIZED (
    SELECT event_id, partition_key::uuid AS order_id, actor, data ->> 'sku' AS sku
    FROM done JOIN bus_event ON bus_event.id = event_id
), message AS (
    INSERT INTO notifications_message (version, id, event_id, recipient_id, channel, address, subject, body, created_at,
        sent_at, error, facts, kind, language, order_id, requests)
    SELECT 2, uuidv7(), event_id, substr(actor, 6)::uuid, channel, '1@load.example.com', 'Your order', body, now(),
        now(), '', jsonb_build_object('order_id', order_id, 'sku', sku), 'receipt', 'en', order_id, 0
    FROM about, words, unnest(ARRAY['app', 'email']) AS channel
)
INSERT INTO notifications_receivedmail (message_id, sender, recipients, subject, body, received_at, html)
SELECT '<' || event_id || '@example.com>', 'Shop', '1@load.example.com', 'Your order', body, now(), html
FROM about, words;
