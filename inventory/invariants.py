"""What always holds of stock."""

from inventory.repairs import EXPIRE, RELEASE, RELEASE_ORPHAN
from shop.doctor import Invariant, ghosts, heard, number_of, told_twice, untold

INVARIANTS = [
    Invariant(
        claim="so many pieces are reserved as live reservations hold",
        broken="""
            SELECT sku, location, reserved, coalesce(held, 0) AS held FROM inventory_stocklevel LEFT JOIN (
                SELECT sku, location, sum(quantity - shipped) AS held FROM inventory_reservationline AS line
                JOIN inventory_reservation AS reservation ON reservation.id = line.reservation_id
                WHERE state IN ('held', 'committed') GROUP BY sku, location
            ) AS live USING (sku, location)
            WHERE reserved <> coalesce(held, 0)
        """,
        remedy="Somebody changed levels or reservations by hand: set `reserved` to what is held.",
    ),
    Invariant(
        claim="so many pieces are on hand as the book of movements says",
        broken="""
            SELECT sku, location, on_hand, coalesce(moved, 0) AS moved FROM inventory_stocklevel LEFT JOIN (
                SELECT sku, location, sum(delta) AS moved FROM inventory_movement GROUP BY sku, location
            ) AS book USING (sku, location)
            WHERE on_hand <> coalesce(moved, 0)
        """,
        remedy="Count again, and adjust the stock with a reason.",
    ),
    Invariant(
        claim="a cancelled order holds nothing",
        broken=f"""
            SELECT number, order_id, state FROM inventory_reservation
            JOIN {heard("order.cancelled", "inventory.release_stock")} AS cancelled USING (order_id)
            WHERE state IN ('held', 'committed')
        """,  # noqa: S608 - our own
        remedy="Release the reservation; then look how it came to hold again.",
        repair=RELEASE,
    ),
    Invariant(
        claim="a hold that nobody committed to ends at its time",
        broken=f"""
            SELECT {number_of("order_id")} AS number, order_id, expires_at FROM inventory_reservation
            WHERE state = 'held' AND expires_at < shop_now() - interval '10 minutes'
        """,  # noqa: S608 - our own
        remedy="Look whether the workers of inventory run; if they do, cancel the order.",
        repair=EXPIRE,
    ),
    Invariant(
        claim="of a reservation has left what the book of movements says",
        broken=f"""
            SELECT {number_of("order_id")} AS number, order_id, sku, line.shipped, coalesce(gone, 0) AS gone
            FROM inventory_reservationline AS line
            JOIN inventory_reservation AS reservation ON reservation.id = line.reservation_id
            LEFT JOIN (
                SELECT order_id, sku, -sum(delta) AS gone FROM inventory_movement
                WHERE cause = 'shipped' GROUP BY order_id, sku
            ) AS book USING (order_id, sku)
            WHERE line.shipped > coalesce(gone, 0)
                OR line.shipped < gone AND state IN ('held', 'committed', 'shipped')
        """,  # noqa: S608 - our own
        remedy="Somebody changed reservations by hand: set `shipped` to what has left.",
    ),
    Invariant(
        claim="what is held for a confirmed order is held until it leaves",
        broken=f"""
            SELECT number, order_id, state FROM {heard("order.confirmed", "inventory.commit_stock")} AS confirmed
            LEFT JOIN inventory_reservation USING (order_id)
            WHERE state IS NULL OR state IN ('held', 'rejected', 'closed')
        """,  # noqa: S608 - our own
        remedy="Look whether the pieces are there, and who changed the reservation; then cancel the order or ship it.",
    ),
    Invariant(
        claim="what left, or came back to be sold again, is in the book of movements",
        broken="""
            SELECT data ->> 'number' AS number, partition_key AS order_id, type, line ->> 'sku' AS sku
            FROM bus_event CROSS JOIN LATERAL jsonb_array_elements(data -> 'lines') AS line
            JOIN bus_receipt ON bus_receipt.event_id = bus_event.id AND bus_receipt.event_id >= %(since_id)s
                AND bus_receipt.handler IN ('inventory.take_out_stock', 'inventory.restock_returned_goods')
            WHERE bus_event.id >= %(since_id)s AND time >= %(since)s
                AND (type = 'order.shipped' OR type = 'order.returned' AND line @> '{"restock": true}')
                AND NOT EXISTS (
                    SELECT FROM inventory_movement AS moved
                    WHERE moved.source = coalesce(data ->> 'shipment_id', data ->> 'return_id')::uuid
                        AND moved.sku = line ->> 'sku')
        """,
        remedy="Movements were removed past the shop: count again, and adjust the stock with a reason.",
    ),
    Invariant(
        claim="pieces are held for orders that were placed",
        broken="""
            SELECT order_id, state, expires_at, (
                SELECT string_agg(quantity || ' ' || sku, ', ') FROM inventory_reservationline
                WHERE reservation_id = reservation.id
            ) AS pieces
            FROM inventory_reservation AS reservation
            WHERE id >= %(made_id)s AND state IN ('held', 'committed') AND NOT EXISTS (
                SELECT FROM bus_event WHERE partition_key = reservation.order_id::text AND type = 'order.placed')
        """,
        remedy="Look whether there is such an order; if there is none, release the reservation.",
        repair=RELEASE_ORPHAN,
    ),
    Invariant(
        claim="whatever became of a reservation was told",
        broken=untold("""
            SELECT order_id, order_id::text AS key, type, NULL::jsonb AS part
            FROM inventory_reservation AS reservation JOIN (VALUES
                ('held', 'stock.reserved'), ('committed', 'stock.reserved'), ('released', 'stock.reserved'),
                ('released', 'stock.released'), ('rejected', 'stock.rejected')
            ) AS became (state, type) USING (state)
            WHERE id >= %(made_id)s AND EXISTS (
                SELECT FROM bus_event WHERE partition_key = reservation.order_id::text AND type = 'order.placed')
        """),
        remedy="Somebody changed reservations past the shop: look whether the order knows.",
    ),
    Invariant(
        claim="of no reservation is told twice what happens once",
        broken=told_twice("stock.reserved", "stock.rejected", "stock.released"),
        remedy="Look in the log for what wrote it the second time, and whether the level was counted twice.",
    ),
    Invariant(
        claim="no reservation is told of that does not exist",
        broken=ghosts("reservations", "inventory_reservation"),
        remedy="A reservation was removed past the shop: compare with a backup.",
    ),
]
