"""A slow gateway: how many calls a worker keeps in the air while each takes two seconds."""

from benchmarks.bench import Bench
from benchmarks.clients import PAYS_SLOWLY, send
from benchmarks.load import Plan
from benchmarks.orders import until_idle

_ORDERS, _QUICK = 1200, 700
_SECONDS = 2.0  # that the sandbox takes for such a payment

# The book is written when a call ends: what ends within the time of one call was in the air together.
_TOGETHER = """
SELECT max(calls) FROM (
    SELECT count(*) OVER (ORDER BY written_at RANGE BETWEEN %s PRECEDING AND CURRENT ROW) AS calls
    FROM payments_sandbox_book
    WHERE operation = 'authorise' AND split_part(key, ':', 1) = ANY(%s)
) AS ended
"""


def slow_gateway(bench: Bench) -> None:
    """Orders pile up while the workers are held, so that there is enough to call for when they go on."""
    plan = Plan(
        **bench.crowd.orders(method=PAYS_SLOWLY),
        connections=32,
        seconds=20,
        most=_QUICK if bench.quick else _ORDERS,
    )
    with bench.stage.workers_held():
        placed = send(plan, expect="201")
    until_idle(bench.stage)
    with bench.stage.database() as database:
        ((together,),) = database.execute(_TOGETHER, [f"{_SECONDS} seconds", placed.ids]).fetchall()
    bench.judge("authorisations in flight per payments worker", together)
