"""As many orders as can be, what each of them costs, and where; and what SQL alone can do, in the same minutes."""

import statistics

from benchmarks import orders, parts
from benchmarks.bench import Bench
from benchmarks.limits.sql import orders_by_sql
from benchmarks.orders import Run

_QUICK = (16,)


def at_saturation(bench: Bench) -> None:
    """SQL comes before and after the orders, and in the middle of nothing: the hour is the same for both."""
    orders.saturated(bench.stage, bench.crowd, connections=4, seconds=2)  # all is warm from here on
    before = orders_by_sql(bench.stage, "naive", orders=1, seconds=bench.seconds / 2)
    runs = {
        clients: orders.saturated(bench.stage, bench.crowd, connections=clients, seconds=bench.seconds)
        for clients in (_QUICK if bench.quick else orders.CLIENTS)
    }
    naive = statistics.mean([before, orders_by_sql(bench.stage, "naive", orders=1, seconds=bench.seconds / 2)])
    bulk = orders_by_sql(bench.stage, "bulk", orders=100, seconds=bench.seconds / 2)
    best = max(runs.values(), key=lambda run: run.rate)
    bench.judge("complete orders over the naive SQL limit", best.rate / naive, reference=1.0)
    bench.judge("complete orders", best.rate, reference=naive)
    bench.judge("CPU of an order, all processes and servers", 1000 * best.cpu)
    bench.tell("SQL alone, naive: 13 transactions an order", naive, "per s")
    bench.tell("SQL alone, in bulk: a hundred orders a transaction", bulk, "per s")
    for clients, run in runs.items():
        _tell_run(bench, clients, run)
    for part, seconds in sorted(best.spent.by_part.items()):
        bench.tell(f"CPU of an order: {part}", 1000 * seconds / best.orders, "ms")
    bench.tell("CPU of an order: load client, beside the above", 1000 * best.client.cpu / best.orders, "ms")


def _tell_run(bench: Bench, clients: int, run: Run) -> None:
    bench.foreign.append(run.spent.foreign)
    bench.tell(f"complete orders, {clients} clients", run.rate, "per s")
    bench.tell(f"answered, {clients} clients", run.orders / run.client.seconds, "per s")
    bench.tell(f"POST /orders, {clients} clients, p50", run.answered(0.5), "ms")
    bench.tell(f"POST /orders, {clients} clients, p99", run.answered(0.99), "ms")
    bench.tell(f"CPU of an order, {clients} clients", 1000 * run.cpu, "ms")


def memory(bench: Bench) -> None:
    """After all of that: what each part keeps."""
    kept = parts.memory(bench.stage.pid)
    for part, mebibytes in kept.items():
        bench.tell(f"memory: {part}", mebibytes, "MiB")
    if bench.stage.layout != "combined":
        ours = sum(kept[part] for part in kept if part == "web" or part.startswith("worker "))
        bench.judge("memory of web and four workers (PSS)", ours)
