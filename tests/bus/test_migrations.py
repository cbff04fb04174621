"""Migrations over a log that has events already, while it is written to."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from shop.bus.reading import read_on
from tests.bus.conftest import Session
from tests.bus.facts import light
from tests.settling import settle

pytestmark = pytest.mark.django_db(transaction=True)

_OLD_EVENT = """
INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id, causation_id,
    actor, traceparent, data)
SELECT uuidv7(), 'lamp.lit', 1, '/facts', 'lamps/a', number, 'a', now(), '', '', '', '',
    jsonb_build_object('number', number)
FROM generate_series(%s::int, %s::int) AS number
"""


@pytest.fixture
def before_the_feed(transactional_db: None) -> Iterator[None]:
    """The tables as they were when the log had no order but that of its ids."""
    call_command("migrate", "bus", "0001", verbosity=0)
    yield
    call_command("migrate", "bus", verbosity=0)


@pytest.mark.usefixtures("before_the_feed")
def test_events_from_before_the_feed_come_first_in_the_order_of_their_ids(somebody_else: Session) -> None:
    somebody_else.execute(_OLD_EVENT, [1, 20])

    call_command("migrate", "bus", verbosity=0)
    somebody_else.execute(_OLD_EVENT, [21, 22])  # by a process that was not restarted yet
    light(23)
    settle()

    first = read_on(None, limit=7)
    second = read_on(first.place, limit=100)
    assert [event.data["number"] for event in first.events + second.events] == [*range(1, 24)]


@pytest.mark.usefixtures("before_the_feed")
def test_a_migration_that_was_broken_off_goes_on_where_it_stopped(somebody_else: Session) -> None:
    somebody_else.execute(_OLD_EVENT, [1, 3])
    call_command("migrate", "bus", "0002", verbosity=0)
    call_command("migrate", "bus", "0001", fake=True, verbosity=0)

    call_command("migrate", "bus", verbosity=0)
    settle()

    assert [event.data["number"] for event in read_on(None, limit=10).events] == [1, 2, 3]


def test_the_index_of_the_feed_is_whole() -> None:
    """Each partition has its part, or the index could not be used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'bus_event_feed'::regclass")

        assert cursor.fetchone() == (True,)
