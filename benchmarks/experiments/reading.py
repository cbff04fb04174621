"""Reading: an order, a list of them, and what is sold."""

from dataclasses import replace

from benchmarks.bench import Bench
from benchmarks.clients import send
from benchmarks.load import Outcome, Plan
from benchmarks.orders import until_idle
from benchmarks.percentiles import milliseconds

_ORDERS = 200


def reads(bench: Bench) -> None:
    """Each order is read by its customer, and each customer has placed one."""
    plan = Plan(**bench.crowd.orders(), connections=1, seconds=60, most=_ORDERS)
    placed = send(plan, expect="201").ids
    until_idle(bench.stage)
    plan = Plan(
        port=plan.port,
        method="GET",
        paths=[f"/api/v1/orders/{order}" for order in placed],
        tokens=plan.tokens[:_ORDERS],
        connections=1,
        seconds=bench.seconds / 3,
    )
    alone, crowded = _asked(plan), _asked(replace(plan, connections=8))
    bench.judge("GET an order, one client, p50", milliseconds(alone.latencies, 0.5))
    bench.judge("GET an order, 8 clients", _rate(crowded))
    for name, path in {
        "list of orders": "/api/v1/orders",
        "list of products": "/api/v1/products",
        "search for products": "/api/v1/products?q=mug",
    }.items():
        listed = _asked(replace(plan, paths=[path], connections=8))
        bench.tell(f"GET a {name}, 8 clients", _rate(listed), "per s")
        bench.tell(f"GET a {name}, 8 clients, p50", milliseconds(listed.latencies, 0.5), "ms")


def _asked(plan: Plan) -> Outcome:
    return send(plan, expect="200")


def _rate(outcome: Outcome) -> float:
    return len(outcome.latencies) / outcome.seconds
