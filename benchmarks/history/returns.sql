-- Everything comes back, or one piece of the first line.
INSERT INTO orders_return (id, version, order_id, status, reason, refund, requested_at, received_at)
SELECT
    pg_temp.id_at(returned_at, 'return ' || n), 2, order_id, 'received', 'Does not fit',
    (
        SELECT sum(CASE WHEN plan.story = 'returned' THEN quantity * unit_price WHEN line = 1 THEN unit_price END)
        FROM wanted WHERE wanted.n = plan.n
    ),
    returned_at - interval '2 days', returned_at
FROM plan WHERE returned_at IS NOT NULL ORDER BY n;

INSERT INTO orders_returnline (of_id, line_id, quantity, restock)
SELECT pg_temp.id_at(returned_at, 'return ' || n), line.id, line.returned, true
FROM plan JOIN orders_orderline AS line USING (order_id)
WHERE returned_at IS NOT NULL AND line.returned > 0 ORDER BY line.id;
