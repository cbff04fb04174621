"""As many orders as can be, what each of them costs, and where; and what SQL alone can do, in the same minutes."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks import orders, parts
from benchmarks.bench import Bench
from benchmarks.limits.sql import Limit, orders_by_sql
from benchmarks.orders import Run

_QUICK = (16,)


class Measured(NamedTuple):
    """A run, and what naive SQL did on average just before and just after it."""

    clients: int
    run: Run
    naive: Limit


def at_saturation(bench: Bench) -> None:
    """The best of several crowds. The machine may be another one a minute later, so each has limits of its own."""
    orders.saturated(bench.stage, bench.crowd, connections=4, seconds=2)  # all is warm from here on
    known = [_naive(bench)]
    found: list[Measured] = []
    for clients in _QUICK if bench.quick else orders.CLIENTS:
        run = orders.saturated(bench.stage, bench.crowd, connections=clients, seconds=bench.seconds)
        known.append(_naive(bench))
        found.append(Measured(clients, run, _mean(known[-2:])))
        _tell_run(bench, found[-1])
    best = max(found, key=lambda each: each.run.rate)
    bench.judge("complete orders over the naive SQL limit", best.run.rate / best.naive.rate, reference=1.0)
    bench.judge("complete orders", best.run.rate, reference=best.naive.rate)
    bench.judge("CPU of an order, all processes and servers", 1000 * best.run.cpu)
    _tell_cpu(bench, best.run)
    bulk = orders_by_sql(bench.stage, "bulk", orders=100, seconds=bench.seconds / 2)
    bench.tell("SQL alone, naive: 13 transactions an order", _mean(known).rate, "per s")
    bench.tell("SQL alone, naive: CPU of PostgreSQL", 1000 * _mean(known).cpu, "ms")
    bench.tell("SQL alone, in bulk: a hundred orders a transaction", bulk.rate, "per s")
    bench.tell("SQL alone, in bulk: CPU of PostgreSQL", 1000 * bulk.cpu, "ms")


def _naive(bench: Bench) -> Limit:
    return orders_by_sql(bench.stage, "naive", orders=1, seconds=bench.seconds / 2)


def _mean(limits: Sequence[Limit]) -> Limit:
    return Limit(statistics.mean(each.rate for each in limits), statistics.mean(each.cpu for each in limits))


def _tell_cpu(bench: Bench, run: Run) -> None:
    for part, seconds in sorted(run.spent.by_part.items()):
        bench.tell(f"CPU of an order: {part}", 1000 * seconds / run.orders, "ms")
    bench.tell("CPU of an order: load client, beside the above", 1000 * run.client.cpu / run.orders, "ms")


def _tell_run(bench: Bench, measured: Measured) -> None:
    clients, run, naive = measured
    bench.foreign[f"{clients} clients"] = run.spent.foreign
    bench.tell(f"complete orders, {clients} clients", run.rate, "per s")
    bench.tell(f"complete orders over naive SQL, {clients} clients", run.rate / naive.rate, "x")
    bench.tell(f"CPU of an order over naive SQL's, {clients} clients", run.cpu / naive.cpu, "x")
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
