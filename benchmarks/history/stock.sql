-- As much as left was laid on the shelf before, and what is held now is reserved.
CREATE TEMP TABLE laid AS
SELECT pg_temp.id_at(%(now)s - interval '735 days', sku) AS id, sku, -sum(delta) AS pieces
FROM inventory_movement WHERE cause IN ('shipped', 'returned') AND location = 'main' GROUP BY sku HAVING sum(delta) < 0;

INSERT INTO inventory_adjustment (id, sku, location, delta, on_hand, reason, adjusted_by_id, adjusted_at)
SELECT laid.id, sku, 'main', pieces, pieces + on_hand, 'Delivered', (SELECT id FROM customers WHERE n = 0), %(now)s - interval '735 days'
FROM laid JOIN inventory_stocklevel USING (sku) WHERE location = 'main';

INSERT INTO inventory_movement (id, sku, location, delta, cause, source, moved_at)
SELECT id, sku, 'main', pieces, 'adjusted', id, %(now)s - interval '735 days' FROM laid;

UPDATE inventory_stocklevel AS level SET reserved = held, version = version + 1 FROM (
    SELECT sku, sum(quantity - shipped) AS held FROM inventory_reservationline AS line
    JOIN inventory_reservation AS reservation ON reservation.id = reservation_id
    WHERE state IN ('held', 'committed') GROUP BY sku
) AS live
WHERE live.sku = level.sku AND location = 'main';
