"""The experiments: each measures something on a running stage, and adds rows and figures to the results."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks import orders, parts
from benchmarks.budget import Figure, Row, judged
from benchmarks.clients import Crowd
from benchmarks.limits.sql import orders_by_sql
from benchmarks.orders import Run
from benchmarks.stage import Stage

_CLIENTS = (16, 32)


@dataclass(kw_only=True)
class Bench:
    """One stage, and what was found on it."""

    stage: Stage
    crowd: Crowd
    seconds: float
    """How long the longest experiments send orders; others take a part of that."""
    rows: list[Row] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    foreign: list[float] = field(default_factory=list)
    """The share of the machine that others had, in each run."""

    def judge(self, name: str, value: float, *, reference: float | None = None, ratio: float | None = None) -> None:
        self.rows.append(judged(name, value, layout=self.stage.layout, reference=reference, ratio=ratio))

    def tell(self, name: str, value: float, unit: str) -> None:
        self.figures.append(Figure(name=name, layout=self.stage.layout, value=value, unit=unit))


def at_saturation(bench: Bench) -> None:
    """As many orders as can be, and what each of them costs; before and after it, what SQL alone can do."""
    orders.saturated(bench.stage, bench.crowd, connections=4, seconds=2)  # all is warm from here on
    naive = [orders_by_sql(bench.stage, "naive", orders=1, seconds=bench.seconds / 2)]
    runs = {
        clients: orders.saturated(bench.stage, bench.crowd, connections=clients, seconds=bench.seconds)
        for clients in _CLIENTS
    }
    naive.append(orders_by_sql(bench.stage, "naive", orders=1, seconds=bench.seconds / 2))
    best = max(runs.values(), key=lambda run: run.rate)
    limit = statistics.mean(naive)
    bench.judge("complete orders over the naive SQL limit", best.rate / limit, reference=1.0)
    bench.judge("complete orders", best.rate, reference=limit)
    bench.judge("CPU of an order, all processes and servers", 1000 * best.cpu)
    bench.tell("naive SQL, 13 transactions an order", limit, "orders/s")
    for clients, run in runs.items():
        bench.foreign.append(run.spent.foreign)
        bench.tell(f"complete orders, {clients} clients", run.rate, "per s")
        bench.tell(f"answered, {clients} clients", run.orders / run.client.seconds, "per s")
    _tell_parts(bench, best)


def _tell_parts(bench: Bench, run: Run) -> None:
    for part, seconds in sorted(run.spent.by_part.items()):
        bench.tell(f"CPU of an order: {part}", 1000 * seconds / run.orders, "ms")
    bench.tell("CPU of an order: load client, beside the above", 1000 * run.client.cpu / run.orders, "ms")


def memory(bench: Bench) -> None:
    """After all of the above: what each part keeps."""
    for part, mebibytes in parts.memory(bench.stage.pid).items():
        bench.tell(f"memory: {part}", mebibytes, "MiB")


EXPERIMENTS: Mapping[str, Sequence[Callable[[Bench], None]]] = {
    "orders": [at_saturation, memory],
}
