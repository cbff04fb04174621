"""What the parts can do alone, on the same machine in the same minutes."""

from benchmarks.bench import Bench
from benchmarks.limits import bells, web


def limits_of_the_parts(bench: Bench) -> None:
    """A web without a shop, and bells without work."""
    for name, rate in web.views(bench.stage, bench.log, seconds=bench.seconds / 3).items():
        bench.tell(f"{name}, 16 clients", rate, "per s")
    published, consumed = bells.rung(bench.stage, bench.log, tasks=1000 if bench.quick else 3000)
    bench.tell("Celery, publish a task that does nothing", published, "per s")
    bench.tell("Celery, consume a task that does nothing", consumed, "per s")
