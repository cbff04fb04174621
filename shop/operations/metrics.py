"""What `/metrics` shows: this process's own counts, and what the database knows of everybody's work.

The database is asked once in five seconds by each process, however often it is scraped, in statements that look at a
bounded number of rows and may take two seconds.
"""

import os
import threading
import time
from collections.abc import Iterator, Sequence

from django.db import Error, connection, transaction
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from psycopg_pool import PoolTimeout

from shop.operations import figures, standing

_FRESH = 5.0  # seconds
_LONGEST_QUESTION = "2s"


class Figures(Collector):
    """The shop's figures, the same whichever process is asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: Sequence[Metric] = ()
        self._asked_at = -_FRESH

    def describe(self) -> Sequence[Metric]:
        """Nothing: being registered must not ask the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if time.monotonic() - self._asked_at >= _FRESH:
                self._known = _asked()
                self._asked_at = time.monotonic()
            yield from self._known


def text() -> bytes:
    """All figures in Prometheus' text format.

    With PROMETHEUS_MULTIPROC_DIR set the processes of one web server share their counts in that folder.
    """
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's own gap
    for collector in (_figures, _standing):
        registry.register(collector)
    return generate_latest(registry)


def _asked() -> Sequence[Metric]:
    up = GaugeMetricFamily("shop_database_up", "Whether the database answers this process.")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [_LONGEST_QUESTION])
            found = list(figures.of_the_shop())
    except (Error, PoolTimeout):
        up.add_metric([], 0)
        return [up]
    up.add_metric([], 1)
    return [up, *found]


_figures = Figures()
_standing = standing.Standing()
REGISTRY.register(_figures)
REGISTRY.register(_standing)
