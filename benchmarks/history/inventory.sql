-- What was held for each order, and what the book says of pieces that left and came back.
INSERT INTO inventory_reservation (id, version, order_id, state, expires_at, lacking)
SELECT
    reservation_id, 2, order_id,
    CASE
        WHEN story = 'out_of_stock' THEN 'rejected'
        WHEN cancelled_at IS NOT NULL THEN 'released'
        WHEN shipped_at IS NOT NULL THEN 'shipped'
        WHEN confirmed_at IS NOT NULL THEN 'committed'
        ELSE 'held'
    END,
    placed_at + interval '2 hours',
    CASE WHEN story = 'out_of_stock' THEN (
        SELECT jsonb_agg(jsonb_build_object('sku', sku, 'wanted', quantity, 'available', 0))
        FROM wanted WHERE wanted.n = plan.n AND line = 1
    ) ELSE '[]' END
FROM plan ORDER BY n;

INSERT INTO inventory_reservationline (reservation_id, sku, location, quantity, shipped)
SELECT reservation_id, sku, 'main', quantity, CASE WHEN parcel.n IS NULL THEN 0 ELSE quantity END
FROM wanted LEFT JOIN parcel ON parcel.n = wanted.n AND number = leaves_in
ORDER BY wanted.n, line;

INSERT INTO inventory_movement (id, sku, location, delta, cause, source, order_id, moved_at)
SELECT pg_temp.id_at(left_at, wanted.n || sku), sku, 'main', -quantity, 'shipped', parcel.id, parcel.order_id, left_at
FROM wanted JOIN parcel ON parcel.n = wanted.n AND number = leaves_in
ORDER BY wanted.n, line;

INSERT INTO inventory_movement (id, sku, location, delta, cause, source, order_id, moved_at)
SELECT
    pg_temp.id_at(returned_at, n || sku), sku, 'main', line.returned, 'returned',
    pg_temp.id_at(returned_at, 'return ' || n), order_id, returned_at
FROM plan JOIN orders_orderline AS line USING (order_id)
WHERE returned_at IS NOT NULL AND line.returned > 0;
