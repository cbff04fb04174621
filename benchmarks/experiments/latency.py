"""How long everybody waits while orders come at a steady rate."""

from benchmarks import orders
from benchmarks.bench import Bench

_RATES = (20.0, 200.0)
_SHARES = {"p50": 0.5, "p99": 0.99}


def steady_rates(bench: Bench) -> None:
    """Orders are sent at fixed times, and waited for from these on: who falls behind makes everybody wait."""
    for rate in _RATES:
        run = orders.steady(bench.stage, bench.crowd, rate=rate, seconds=bench.seconds)
        bench.foreign[f"{rate:.0f}/s"] = run.spent.foreign
        bench.tell(f"complete orders at {rate:.0f}/s", run.rate, "per s")
        bench.tell(f"CPU of an order at {rate:.0f}/s", 1000 * run.cpu, "ms")
        for name, share in _SHARES.items():
            bench.judge(f"placed to confirmed at {rate:.0f}/s, {name}", run.waited(share))
            if rate == max(_RATES):
                bench.judge(f"POST /orders at {rate:.0f}/s, {name}", run.answered(share))
            else:
                bench.tell(f"POST /orders at {rate:.0f}/s, {name}", run.answered(share), "ms")
