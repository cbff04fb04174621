"""A hundred buyers at once, and twenty pieces."""

import json
from uuid import uuid4

from benchmarks.bench import Bench
from benchmarks.clients import send
from benchmarks.load import Plan
from benchmarks.orders import until_idle

_SKU, _PIECES, _BUYERS = "BLANKET-SAND", 20, 100  # the demo has none of these

_SOLD = "SELECT count(*) FILTER (WHERE status = 'confirmed'), count(*) FROM orders_order WHERE id = ANY(%s::uuid[])"


def rush(bench: Bench) -> None:
    """All of them are answered, and as many get one as there are."""
    _lay_on_the_shelf(bench)
    plan = Plan(**bench.crowd.orders(skus=[_SKU]), connections=_BUYERS, seconds=60, most=_BUYERS)
    placed = send(plan, expect="201")
    until_idle(bench.stage)
    with bench.stage.database() as database:
        ((sold, orders),) = database.execute(_SOLD, [placed.ids]).fetchall()
    bench.judge("sold too many or too few of 20 pieces, to 100 at once", abs(sold - _PIECES) + abs(orders - _BUYERS))


def _lay_on_the_shelf(bench: Bench) -> None:
    token = bench.stage.run("manage.py", "seed", "--token", "admin@example.com").split()[-1]
    plan = Plan(
        port=bench.stage.port,
        method="POST",
        paths=["/api/v1/inventory/adjustments"],
        bodies=[json.dumps({"sku": _SKU, "delta": _PIECES, "reason": "A rush is coming."})],
        tokens=[token],
        run=uuid4().hex[:16],
        connections=1,
        seconds=10,
        most=1,
    )
    send(plan, expect="201")
