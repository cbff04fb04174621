"""What always holds of orders."""

from orders.repairs import END
from shop.doctor import Invariant, ghosts, told_twice, untold

INVARIANTS = [
    Invariant(
        claim="an order costs what its lines cost",
        broken="""
            SELECT number, placed.id AS order_id, total, sum(line.quantity * line.unit_price::bigint) AS lines
            FROM orders_order AS placed LEFT JOIN orders_orderline AS line ON line.order_id = placed.id
            WHERE placed_at >= %(since)s
            GROUP BY placed.id HAVING total IS DISTINCT FROM sum(line.quantity * line.unit_price::bigint)
        """,
        remedy="Somebody changed lines by hand: set them right from the order.placed event.",
    ),
    Invariant(
        claim="of a line has left what its shipments say, and come back what its returns say",
        broken="""
            SELECT number, line.order_id, line.sku, line.shipped, left_.pieces AS in_shipments, line.returned,
                back.pieces AS in_returns
            FROM orders_orderline AS line JOIN orders_order AS placed ON placed.id = line.order_id
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
            SELECT number, id AS order_id, status, stock_status, payment_status FROM orders_order
            WHERE status IN ('confirmed', 'shipped', 'delivered') AND (
                stock_status <> 'held' OR payment_status IN ('pending', 'action_required', 'declined', 'voided'))
        """,
        remedy="Read the order's story, then cancel it or speak with its customer.",
    ),
    Invariant(
        claim="an order that is neither confirmed nor cancelled has a deadline before it",
        broken="""
            SELECT number, id AS order_id, placed_at, stock_status, payment_status FROM orders_order AS placed
            WHERE status = 'placed' AND NOT EXISTS (
                SELECT FROM bus_event AS event JOIN (
                    SELECT event_id, handler FROM bus_delivery UNION ALL SELECT event_id, handler FROM bus_deadletter
                ) AS ahead ON ahead.event_id = event.id
                    AND ahead.handler IN ('orders.end_at_deadline', 'orders.end_when_nobody_acts')
                WHERE event.partition_key = placed.id::text)
        """,
        remedy="Cancel the order; then look why its deadline was lost.",
        repair=END,
    ),
    Invariant(
        claim="every order was told, and whatever became of it",
        broken=untold("""
            SELECT number, placed.id AS order_id, placed.id::text AS key, type, part
            FROM orders_order AS placed JOIN LATERAL (
                SELECT 'order.placed' AS type, NULL::jsonb AS part
                UNION ALL SELECT 'order.confirmed', NULL WHERE confirmed_at IS NOT NULL
                UNION ALL SELECT 'order.cancelled', NULL WHERE status = 'cancelled'
                UNION ALL SELECT 'order.shipped', jsonb_build_object('shipment_id', id) FROM orders_shipment
                WHERE order_id = placed.id
                UNION ALL SELECT 'order.delivered', jsonb_build_object('shipment_id', id) FROM orders_shipment
                WHERE order_id = placed.id AND status = 'delivered'
                UNION ALL SELECT 'order.returned', jsonb_build_object('return_id', id) FROM orders_return
                WHERE order_id = placed.id AND status = 'received'
            ) AS became ON true
            WHERE placed_at >= %(since)s + interval '1 minute'
        """),
        remedy="An order was written or changed past the shop: compare with a backup.",
    ),
    Invariant(
        claim="no order is told of that does not exist",
        broken=ghosts("orders", "orders_order"),
        remedy="An order was removed past the shop: compare with a backup.",
    ),
    Invariant(
        claim="of no order is told twice what happens once",
        broken=f"""
            {told_twice("order.placed", "order.confirmed", "order.cancelled")}
            UNION ALL {told_twice("order.shipped", "order.delivered", by="shipment_id")}
            UNION ALL {told_twice("order.returned", by="return_id")}
        """,
        remedy="Look in the log for what wrote it the second time; whoever heard it did it twice.",
    ),
]
