"""What always holds of stock."""

from shop.doctor import Invariant, heard

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
            SELECT order_id, state FROM inventory_reservation
            JOIN {heard("order.cancelled", "inventory.release_stock")} AS cancelled USING (order_id)
            WHERE state IN ('held', 'committed')
        """,  # noqa: S608 - our own
        remedy="Release the reservation; then look how it came to hold again.",
    ),
    Invariant(
        claim="a hold that nobody committed to ends at its time",
        broken="""
            SELECT order_id, expires_at FROM inventory_reservation
            WHERE state = 'held' AND expires_at < shop_now() - interval '10 minutes'
        """,
        remedy="Look whether the workers of inventory run; if they do, cancel the order.",
    ),
    Invariant(
        claim="of a reservation has left what the book of movements says",
        broken="""
            SELECT order_id, sku, line.shipped, coalesce(gone, 0) AS gone FROM inventory_reservationline AS line
            JOIN inventory_reservation AS reservation ON reservation.id = line.reservation_id
            LEFT JOIN (
                SELECT order_id, sku, -sum(delta) AS gone FROM inventory_movement
                WHERE cause = 'shipped' GROUP BY order_id, sku
            ) AS book USING (order_id, sku)
            WHERE line.shipped > coalesce(gone, 0)
        """,
        remedy="Somebody changed reservations by hand: set `shipped` to what has left.",
    ),
]
