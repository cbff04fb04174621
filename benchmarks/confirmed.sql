-- For how long each order was placed and not confirmed: until the receipt of whichever news came last of the two that
-- it waits for. The receipt is written at the end of the transaction that confirms the order.
SELECT extract(epoch FROM max(receipt.done_at) - placed_at)::float
FROM orders_order
JOIN bus_event AS event ON event.partition_key = orders_order.id::text
    AND event.type IN ('stock.reserved', 'payment.authorized')
JOIN bus_receipt AS receipt ON receipt.event_id = event.id AND starts_with(receipt.handler, 'orders.')
WHERE orders_order.id = ANY(%s::uuid[])
GROUP BY orders_order.id
