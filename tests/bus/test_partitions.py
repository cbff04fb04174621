"""The log in weekly pieces."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from shop.bus import partitions, publish
from shop.bus.models import Event, Receipt
from shop.bus.partitions import Partition, Week
from shop.bus.reading.log import time_of
from tests.bus.facts import LampLit
from tests.processes import database_url

WEEKS = [f"w{number}" for number in range(-1, 9)]


@pytest.mark.django_db
def test_there_are_partitions_from_last_week_to_eight_weeks_ahead() -> None:
    expected = [f"{datetime.now(UTC) + timedelta(weeks=week):%G_w%V}" for week in range(-1, 9)]

    assert _partitions("bus_event") == [f"bus_event_{week}" for week in expected]
    assert _partitions("bus_receipt") == [f"bus_receipt_{week}" for week in expected]


@pytest.mark.django_db
def test_keeping_ahead_twice_changes_nothing() -> None:
    before = _partitions("bus_event")

    with CaptureQueriesContext(connection) as queries:
        partitions.keep_ahead()

    assert _partitions("bus_event") == before
    assert len(queries) == 1


@pytest.mark.django_db
def test_a_missing_week_is_made_again() -> None:
    before = _partitions("bus_event")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {before[-1]}, {before[-2]}")

    partitions.keep_ahead()

    assert _partitions("bus_event") == before


@pytest.mark.django_db
def test_a_week_that_another_process_has_just_made_is_no_error() -> None:
    before = _partitions("bus_event")

    partitions._make({Partition(Week.of(datetime.now(UTC)) + 8, "bus_event")})

    assert _partitions("bus_event") == before


@pytest.mark.django_db
def test_every_moment_of_the_weeks_has_its_place() -> None:
    now = datetime.now(UTC)
    monday = datetime.combine(now.date() - timedelta(days=now.weekday()), datetime.min.time(), UTC)
    moments = [
        monday + timedelta(weeks=week) - step for week in range(9) for step in (timedelta(milliseconds=1), timedelta(0))
    ]

    for moment in moments:
        _log(partitions.first_id(moment))

    assert Event.objects.count() == len(moments)


@pytest.mark.django_db
def test_the_log_refuses_an_id_of_nine_weeks_ahead() -> None:
    far = partitions.first_id(datetime.now(UTC) + timedelta(weeks=9))

    with pytest.raises(IntegrityError, match="no partition"), transaction.atomic():
        _log(far)
    with pytest.raises(IntegrityError, match="no partition"), transaction.atomic():
        Receipt.objects.create(event_id=far, handler="x", attempts=1, done_at=datetime.now(UTC))

    assert not Event.objects.exists()


@pytest.mark.django_db
def test_what_is_published_now_is_in_this_weeks_partition() -> None:
    publish(LampLit(lamp="a"))

    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM bus_event")
        assert cursor.fetchall() == [(f"bus_event_{datetime.now(UTC):%G_w%V}",)]


_WITH_A_WRONG_CLOCK = """
import datetime, sys, time, uuid, uuid_utils.compat

off = datetime.timedelta(weeks=float(sys.argv[1]))
really, read, make = datetime.datetime.now, time.time, uuid_utils.compat.uuid7

class Wrong(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return really(tz) + off

time.time = lambda: read() + off.total_seconds()
uuid_utils.compat.uuid7 = lambda: uuid.UUID(int=make().int + (int(1000 * off.total_seconds()) << 80))

import django
django.setup()
from shop.bus import partitions
from tests.bus.facts import light
partitions.datetime = Wrong
partitions.keep_ahead()
light(1)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("weeks", ["-10", "0.001", "60"])
def test_a_process_whose_clock_is_off_publishes_where_the_database_says(weeks: str) -> None:
    before = _partitions("bus_event")

    subprocess.run(
        [sys.executable, "-c", _WITH_A_WRONG_CLOCK, weeks],
        check=True,
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )

    assert _partitions("bus_event") == before
    assert abs(time_of(Event.objects.get().pk) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.django_db
def test_the_log_has_room_until_its_first_gap() -> None:
    *_, missing, _ = _partitions("bus_event")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {missing}")

    assert Partition(Week(partitions.room_until()), "bus_event") == Partition.called(missing)


@pytest.mark.parametrize("name", ["bus_event", "bus_event_2026_w1", "bus_event_2026_w01_feed", "bus_event_2025_w53"])
def test_what_is_not_called_as_a_week_is_none(name: str) -> None:
    assert Partition.called(name) is None


def test_the_first_id_of_a_moment_orders_with_the_ids_around_it() -> None:
    before, after = datetime.now(UTC) - timedelta(milliseconds=2), datetime.now(UTC) + timedelta(seconds=60)

    made = uuid7()

    assert partitions.first_id(before) < made < partitions.first_id(after)


def test_the_first_id_carries_its_moment() -> None:
    moment = datetime(2026, 1, 5, tzinfo=UTC)

    assert partitions.first_id(moment).int >> 80 == int(moment.timestamp() * 1000)
    assert partitions.first_id(moment).int & ((1 << 80) - 1) == 0


def _partitions(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table])
        return sorted(name for (name,) in cursor.fetchall())


def _log(event_id: UUID) -> None:
    Event.objects.create(
        id=event_id,
        type="lamp.lit",
        version=1,
        source="/facts",
        subject="lamps/a",
        sequence=1,
        partition_key="a",
        time=datetime.now(UTC),
        correlation_id="",
        causation_id="",
        actor="system",
        traceparent="",
        data={},
    )
