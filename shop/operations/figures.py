"""The figures of the whole shop, as the database has them: what is due, what was done, and who is at it."""

from collections.abc import Iterable, Iterator
from math import inf

from django.conf import settings
from django.db import connection
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from shop.bus import reading

_SESSIONS = """
SELECT
    count(*) FILTER (WHERE application_name LIKE 'shop worker%%'),
    coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)
FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

_COUNTS = (
    ("handled", "shop_handled", "Deliveries done, by handler."),
    ("failed", "shop_failed", "Attempts that failed, by handler."),
    ("put_off", "shop_put_off", "Attempts put off because a dependency was away or a row was locked, by handler."),
    ("buried", "shop_dead_letters_made", "Deliveries that gave up, by handler."),
    ("seconds", "shop_lag_seconds", "From the event to the end of its handler, in sum over what was handled."),
)


def of_the_shop() -> Iterator[Metric]:
    """All of them; the caller's transaction bounds what they may take."""
    yield from _work()
    yield from _counts()
    yield from _sessions()
    yield CounterMetricFamily("shop_events", "Events told, of all kinds.", value=reading.told())
    room = reading.room_until().timestamp()
    yield GaugeMetricFamily("shop_log_room_until_seconds", "Until when the log has partitions (Unix time).", value=room)


def _work() -> Iterator[Metric]:
    backlogs = reading.backlogs()
    yield _by("queue", "shop_due", "Deliveries due, 10000 at most in each lane.", ((b.queue, b.due) for b in backlogs))
    ages = ((backlog.queue, backlog.age) for backlog in backlogs)
    yield _by("queue", "shop_due_age_seconds", "For how long the oldest of them has been due.", ages)
    told = ((backlog.queue, backlog.age >= settings.BUS_FAR_BEHIND) for backlog in backlogs)
    yield _by("queue", "shop_far_behind", "Whether clients are told that it is far behind (BUS_FAR_BEHIND).", told)
    letters = reading.dead_letters().items()
    yield _by("queue", "shop_dead_letters", "Dead letters that wait for somebody, 10000 at most.", letters)
    lanes = reading.held_lanes()
    left = ((f"{each.queue}/{each.lane}", 0 if each.pid else each.in_hand) for each in lanes)
    yield _by("lane", "shop_left_behind", "Deliveries in the hands of drains that died, by lane.", left)
    visits = reading.unvisited()
    unvisited = [] if visits is None else [(each.queue, visits.get(each.queue, inf)) for each in backlogs]
    yield _by("queue", "shop_unvisited_seconds", "For how long no worker has looked after a queue.", unvisited)


def _counts() -> Iterator[Metric]:
    counts = reading.counts()
    for attribute, name, meaning in _COUNTS:
        family = CounterMetricFamily(name, meaning, labels=["handler", "queue"])
        for count in counts:
            family.add_metric([count.handler, count.queue], getattr(count, attribute))
        yield family


def _sessions() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(_SESSIONS, [])
        workers, oldest = cursor.fetchone()
    yield GaugeMetricFamily("shop_worker_sessions", "Database sessions of workers.", value=workers)
    meaning = "Age of the oldest transaction of anybody; a long one starves queues and holds back the feed."
    yield GaugeMetricFamily("shop_oldest_transaction_seconds", meaning, value=float(oldest))


def _by(label: str, name: str, meaning: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for each, value in values:
        family.add_metric([each], value)
    return family
