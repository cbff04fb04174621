"""The stories of orders, for whoever reads what went wrong."""

from uuid import UUID

from tests.books import balance
from tests.flows.conftest import ask
from tests.simulation.world import World

_STORY = """
SELECT event.time, event.type, event.sequence, (
    SELECT string_agg(handler, ' ' ORDER BY done_at) FROM bus_receipt WHERE event_id = event.id
) FROM bus_event AS event WHERE partition_key = '%s' ORDER BY id
"""


def stories(world: World) -> list[str]:
    """What became of each order, as the log, the gateway and the order itself tell it."""
    lines: list[str] = []
    for name, order_id in world.orders.items():
        ((status, stock, payment),) = ask(
            f"SELECT status, stock_status, payment_status FROM orders_order WHERE id = '{order_id}'"
        ) or [("absent", "", "")]
        lines.append(f"  {name} ({order_id}): {status} {stock} {payment}, {balance(UUID(order_id))}")
        for time, kind, sequence, heard in ask(_STORY % order_id):
            lines.append(f"    {time:%H:%M:%S.%f} {kind} {sequence}: {heard}")
    return lines
