-- An order leaves in one parcel or in two.
INSERT INTO orders_shipment (
    id, version, order_id, status, carrier, tracking_number, tracking_url, shipped_at, delivered_at
)
SELECT
    id, 1, order_id, CASE WHEN arrived_at IS NULL THEN 'shipped' ELSE 'delivered' END, 'Pigeon Post',
    'PP' || n || '-' || number, 'https://pigeons.example.com/PP' || n || '-' || number, left_at, arrived_at
FROM parcel ORDER BY n;

INSERT INTO orders_shipmentline (shipment_id, line_id, quantity)
SELECT parcel.id, line.id, wanted.quantity
FROM wanted
JOIN parcel ON parcel.n = wanted.n AND number = leaves_in
JOIN orders_orderline AS line ON line.order_id = wanted.order_id AND line.sku = wanted.sku
ORDER BY line.id;
