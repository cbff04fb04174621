-- The orders that are not complete and correct, each with what is wrong.
WITH wanted AS (
    SELECT * FROM unnest(%s::uuid[]) AS wanted (id)
), line AS (
    SELECT order_id, count(*) AS lines, sum(quantity * unit_price)::bigint AS total, min(sku) AS sku,
        sum(quantity)::bigint AS pieces
    FROM orders_orderline WHERE order_id IN (SELECT id FROM wanted) GROUP BY order_id
), held AS (
    SELECT order_id, count(*) AS lines, min(sku) AS sku, sum(quantity)::bigint AS pieces
    FROM inventory_reservation AS hold JOIN inventory_reservationline AS line ON line.reservation_id = hold.id
    WHERE state = 'committed' AND order_id IN (SELECT id FROM wanted) GROUP BY order_id
), paid AS (
    SELECT split_part(key, ':', 1)::uuid AS order_id,
        array_agg(operation || ' ' || amount ORDER BY operation) AS operations
    FROM payments_sandbox_book WHERE done GROUP BY 1
), mail AS (
    SELECT order_id, array_agg(kind ORDER BY kind) AS kinds
    FROM notifications_message AS written JOIN notifications_receivedmail AS arrived
        ON starts_with(arrived.message_id, '<' || written.id || '@')
    WHERE order_id IN (SELECT id FROM wanted) GROUP BY order_id
)
SELECT wanted.id, status, stock_status, payment_status, line, held, operations, kinds
FROM wanted
LEFT JOIN orders_order AS placed USING (id)
LEFT JOIN line ON line.order_id = wanted.id
LEFT JOIN held ON held.order_id = wanted.id
LEFT JOIN paid ON paid.order_id = wanted.id
LEFT JOIN mail ON mail.order_id = wanted.id
WHERE (status, stock_status, payment_status, line.lines, line.total, line.pieces, held.lines, held.sku, held.pieces)
    IS DISTINCT FROM ('confirmed', 'held', 'captured', 1, placed.total, 1, 1, line.sku, 1)
    OR operations IS DISTINCT FROM ARRAY['authorise ' || placed.total, 'capture ' || placed.total]
    OR kinds::text[] IS DISTINCT FROM ARRAY['confirmed', 'receipt', 'received']
