"""How this process stands with its servers: the pool of database connections, and the circuits towards Redis."""

from collections.abc import Iterator, Sequence

from django.db import connections
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shop import cache
from shop.bus import reading


class Standing(Collector):
    """Asks nobody: all of this is in memory."""

    def describe(self) -> Sequence[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from _pool()
        open_ = GaugeMetricFamily("shop_redis_circuit_open", "Whether Redis is left alone just now.", labels=["who"])
        pauses = CounterMetricFamily("shop_redis_pauses", "How often Redis had to be left alone.", labels=["who"])
        for who, (is_open, count) in {"bells": reading.bells_circuit(), "cache": cache.circuit()}.items():
            open_.add_metric([who], is_open)
            pauses.add_metric([who], count)
        yield open_
        yield pauses


def _pool() -> Iterator[Metric]:
    pool = getattr(connections["default"], "pool", None)
    if pool is None:
        return
    stats = pool.get_stats()
    size = GaugeMetricFamily("shop_pool_connections", "Database connections of this process.", labels=["state"])
    size.add_metric(["idle"], stats["pool_available"])
    size.add_metric(["busy"], stats["pool_size"] - stats["pool_available"])
    size.add_metric(["possible"], stats["pool_max"])
    yield size
    yield GaugeMetricFamily(
        "shop_pool_waiting", "Requests that wait for a connection now.", value=stats["requests_waiting"]
    )
    yield CounterMetricFamily(
        "shop_pool_timeouts", "Requests that got no connection in time.", value=stats.get("requests_errors", 0)
    )
