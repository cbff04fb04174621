"""Orders on top of years of history, beside orders in a shop that has none: two stages, by turns."""

import statistics

from benchmarks import orders
from benchmarks.bench import Bench
from benchmarks.clients import Crowd
from benchmarks.orders import Run
from benchmarks.stage import staged

_ROW = "throughput with years of history, over none"
_LONG = "to write years takes many minutes, and 5 million orders some 40 GB: ask for it with --history 5000000"
_TURNS, _CLIENTS = 3, 16


def years_of_history(bench: Bench) -> None:
    """What else is on the machine meets both alike."""
    if not bench.history:
        bench.skip(_ROW, _LONG)
        return
    with staged(bench.stage.layout) as aged:
        aged.run("-m", "benchmarks.history", "--orders", str(bench.history))
        crowd = Crowd(aged, customers=bench.crowd.customers, by_key=bench.crowd.by_key)
        turns: list[tuple[Run, Run]] = []
        for _ in range(_TURNS):
            fresh = orders.saturated(bench.stage, bench.crowd, connections=_CLIENTS, seconds=bench.seconds / 2)
            turns.append((fresh, orders.saturated(aged, crowd, connections=_CLIENTS, seconds=bench.seconds / 2)))
    bench.judge(_ROW, statistics.median(old.rate / fresh.rate for fresh, old in turns), reference=1.0)
    cpu = statistics.median(old.cpu / fresh.cpu for fresh, old in turns)
    bench.tell(f"CPU of an order with a history of {bench.history} orders, over none", cpu, "x")
