-- As much as has left or is held now was laid on the shelf before.
CREATE TEMP TABLE laid AS
SELECT pg_temp.id_at(%(now)s - interval '735 days', sku) AS id, sku, sum(quantity) - sum(came_back) AS pieces, sum(held) AS held
FROM (
    SELECT sku, shipped AS quantity, returned AS came_back, 0 AS held FROM orders_orderline WHERE shipped > 0
    UNION ALL
    SELECT sku, quantity - line.shipped, 0, quantity - line.shipped FROM inventory_reservationline AS line
    JOIN inventory_reservation AS reservation ON reservation.id = reservation_id WHERE state IN ('held', 'committed')
) AS needed
GROUP BY sku HAVING sum(quantity) > sum(came_back);

INSERT INTO inventory_adjustment (id, sku, location, delta, on_hand, reason, adjusted_by_id, adjusted_at)
SELECT
    laid.id, sku, 'main', pieces, pieces + on_hand, 'Delivered', (SELECT id FROM customers WHERE n = 0),
    %(now)s - interval '735 days'
FROM laid JOIN inventory_stocklevel USING (sku) WHERE location = 'main';

INSERT INTO inventory_movement (id, sku, location, delta, cause, source, moved_at)
SELECT id, sku, 'main', pieces, 'adjusted', id, %(now)s - interval '735 days' FROM laid;

UPDATE inventory_stocklevel AS level SET on_hand = on_hand + held, reserved = held, version = version + 1
FROM laid WHERE laid.sku = level.sku AND location = 'main';
