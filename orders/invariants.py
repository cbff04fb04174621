"""What always holds of orders."""

from shop.doctor import Invariant

INVARIANTS = [
    Invariant(
        claim="an order costs what its lines cost",
        broken="""
            SELECT number, total, sum(line.quantity * line.unit_price::bigint) AS lines FROM orders_order AS placed
            LEFT JOIN orders_orderline AS line ON line.order_id = placed.id
            WHERE placed_at >= %(since)s
            GROUP BY placed.id HAVING total IS DISTINCT FROM sum(line.quantity * line.unit_price::bigint)
        """,
        remedy="Somebody changed lines by hand: set them right from the order.placed event.",
    ),
    Invariant(
        claim="of a line has left what its shipments say, and come back what its returns say",
        broken="""
            SELECT line.order_id, line.sku, line.shipped, left_.pieces AS in_shipments, line.returned,
                back.pieces AS in_returns
            FROM orders_orderline AS line
            LEFT JOIN (
                SELECT line_id, sum(quantity) AS pieces FROM orders_shipmentline GROUP BY line_id
            ) AS left_ ON left_.line_id = line.id
            LEFT JOIN (
                SELECT line_id, sum(quantity) AS pieces FROM orders_returnline
                JOIN orders_return AS returned ON returned.id = of_id AND returned.status = 'received' GROUP BY line_id
            ) AS back ON back.line_id = line.id
            WHERE (line.shipped, line.returned) <> (coalesce(left_.pieces, 0), coalesce(back.pieces, 0))
        """,
        remedy="Somebody changed lines, shipments or returns by hand: set the counts right.",
    ),
    Invariant(
        claim="an order that we said to deliver has its stock and its money",
        broken="""
            SELECT number, status, stock_status, payment_status FROM orders_order
            WHERE status IN ('confirmed', 'shipped', 'delivered') AND (
                stock_status <> 'held' OR payment_status IN ('pending', 'action_required', 'declined', 'voided'))
        """,
        remedy="Read the order's story, then cancel it or speak with its customer.",
    ),
    Invariant(
        claim="an order that is neither confirmed nor cancelled has a deadline before it",
        broken="""
            SELECT number, placed_at, stock_status, payment_status FROM orders_order AS placed
            WHERE status = 'placed' AND NOT EXISTS (
                SELECT FROM bus_event AS event JOIN (
                    SELECT event_id, handler FROM bus_delivery UNION ALL SELECT event_id, handler FROM bus_deadletter
                ) AS ahead ON ahead.event_id = event.id
                    AND ahead.handler IN ('orders.end_at_deadline', 'orders.end_when_nobody_acts')
                WHERE event.partition_key = placed.id::text)
        """,
        remedy="Cancel the order; then look why its deadline was lost.",
    ),
    Invariant(
        claim="every order was told, and no order is told that does not exist",
        broken="""
            SELECT coalesce(placed.id::text, told.partition_key) AS order_id, placed.number, told.time
            FROM (SELECT id, number FROM orders_order WHERE placed_at >= %(since)s + interval '1 minute') AS placed
            FULL JOIN (
                SELECT partition_key, time FROM bus_event WHERE type = 'order.placed' AND time >= %(since)s
            ) AS told ON told.partition_key = placed.id::text
            WHERE told.partition_key IS NULL OR placed.id IS NULL AND NOT EXISTS (
                SELECT FROM orders_order WHERE id::text = told.partition_key)
        """,
        remedy="An order was written or removed past the shop: compare with a backup.",
    ),
]
