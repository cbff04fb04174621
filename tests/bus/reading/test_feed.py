"""The feed: whoever reads on and on sees every committed event once, whatever writers do meanwhile."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from shop.bus import gather, publish
from shop.bus.models import Event as Logged
from shop.bus.reading import Page, Place, PlaceLost, feed, read_on
from tests.bus.conftest import Session
from tests.bus.facts import LampLit, LampPutOut, light
from tests.processes import eventually
from tests.settling import settle

pytestmark = pytest.mark.django_db(transaction=True)

_WRITERS = 5
_ROUNDS = 25


# --- Pages --------------------------------------------------------------------------------------------------


def test_the_feed_is_read_page_by_page() -> None:
    light(1, 2, 3)

    first = _read(None, limit=2)
    second = _read(first.place, limit=2)

    assert (_numbers(first), _numbers(second)) == ([1, 2], [3])


def test_at_the_end_one_stays_where_one_is_and_goes_on_from_there() -> None:
    light(1)
    end = _read(None, limit=10).place

    assert _read(end, limit=10) == Page([], end)
    light(2)
    assert _numbers(_read(end, limit=10)) == [2]


def test_an_empty_log_has_no_place_and_is_read_from_its_beginning() -> None:
    assert _read(None, limit=10) == Page([], None)


def test_only_some_types_or_one_subject_may_be_read() -> None:
    light(1, 2, lamp="a")
    light(3, lamp="b")
    with gather():
        publish(LampPutOut(lamp="a", number=4))

    assert _numbers(_read(None, limit=10, types=["lamp.put_out"])) == [4]
    assert _numbers(_read(None, limit=10, subject="lamps/a")) == [1, 2, 4]
    assert _numbers(_read(None, limit=10, subject="lamps/a", types=["lamp.lit"])) == [1, 2]
    assert _numbers(_read(None, limit=1, subject="lamps/b")) == [3]


def test_who_looks_for_something_rare_moves_on_past_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_WINDOW", 3)
    light(*range(7))
    light(7, lamp="rare")

    settle()
    seen = list(_read_to_the_end(None, subject="lamps/rare"))

    assert [_numbers(page) for page in seen] == [[], [], [7]]


# --- Order under concurrent writers -------------------------------------------------------------------------


def test_what_began_early_and_commits_late_is_not_passed_over(somebody_else: Session) -> None:
    with somebody_else.transaction():
        _tell(somebody_else, "late", 1)
        light(2)
        held_back = read_on(None, limit=10)

    assert held_back == Page([], None)
    assert sorted(_numbers(_read(None, limit=10))) == [1, 2]


def test_what_is_rolled_back_holds_nobody_back(somebody_else: Session) -> None:
    with somebody_else.transaction(force_rollback=True):
        _tell(somebody_else, "never", 1)
        light(2)

    assert _numbers(_read(None, limit=10)) == [2]


def test_an_event_can_be_read_as_soon_as_it_is_committed_and_nobody_else_writes(somebody_else: Session) -> None:
    with transaction.atomic():
        _take_a_number(connection)  # an early one, while later ones come and go
        _take_a_number(somebody_else)
        light(1)

    assert _numbers(_read(None, limit=10)) == [1]


def test_the_events_of_a_subject_stand_in_their_sequence_though_the_later_began_first(
    somebody_else: Session, django_db_blocker: DjangoDbBlocker
) -> None:
    """The second has the smaller transaction number, waits for the first one's counter, and is written after it."""

    def begin_early_and_write_late(early: threading.Event, go: threading.Event) -> None:
        with django_db_blocker.unblock(), transaction.atomic():
            _take_a_number(connection)
            early.set()
            go.wait(10)
            light(2, lamp="shared")
        connection.close()

    early, go = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(begin_early_and_write_late, early, go)
        early.wait(10)
        with somebody_else.transaction():
            _tell(somebody_else, "lamps/shared", 1)
            go.set()
            eventually(_somebody_waits_for_a_lock, "the second waits for the counter")
        second.result(10)

    page = _read(None, limit=10)
    assert [(event.sequence, event.data["number"]) for event in page.events] == [(1, 1), (2, 2)]


def test_readers_see_every_committed_event_once_and_each_subject_in_order(
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """Writers take their numbers early and commit late, or not at all; readers poll all the time."""
    over = threading.Event()
    with ThreadPoolExecutor(_WRITERS + 2) as threads, django_db_blocker.unblock():
        readers = [threads.submit(_keep_reading, limit, over) for limit in (1, 7)]
        writers = [threads.submit(_write_at_random, seed) for seed in range(_WRITERS)]
        for writer in writers:
            writer.result(60)
        settle()
        over.set()
        read = [reader.result(60) for reader in readers]

    committed = dict(Logged.objects.values_list("id", "subject"))
    assert len(committed) > _WRITERS * _ROUNDS / 2
    for seen in read:
        assert len(seen) == len(committed)
        assert {event.id for event in seen} == set(committed)
        for subject in set(committed.values()):
            numbers = [event.sequence for event in seen if event.subject == subject]
            assert numbers == [*range(1, len(numbers) + 1)]
    assert [event.id for event in read[0]] == [event.id for event in read[1]]


def _write_at_random(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - to shuffle
    for number in range(_ROUNDS):
        with own_connection(), transaction.atomic():
            if chance.random() < 0.5:
                _take_a_number(connection)
            _sleep(chance)
            with gather():
                for lamp in chance.sample("abcdef", chance.randint(1, 3)):
                    publish(LampLit(lamp=lamp, number=number))
            _sleep(chance)
            if chance.random() < 0.2:
                transaction.set_rollback(True)


def _keep_reading(limit: int, over: threading.Event) -> list[Logged]:
    seen: list[Logged] = []
    place = None
    with own_connection():
        while True:
            is_last_look = over.is_set()
            for page in _read_to_the_end(place, limit=limit):
                place = page.place
                seen += page.events
            if is_last_look:
                return seen


def _sleep(chance: random.Random) -> None:
    """In the database, so that the other writers go on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [chance.choice([0, 0.001, 0.01, 0.03])])


# --- Places that are lost -----------------------------------------------------------------------------------


@pytest.fixture
def end() -> Place:
    """The end of a log with one event."""
    light(1)
    place = _read(None, limit=10).place
    assert place
    return place


def test_a_place_in_another_log_is_lost(end: Place) -> None:
    with pytest.raises(PlaceLost):
        _read(replace(end, log="7262001"), limit=10)


def test_a_place_whose_event_is_gone_is_lost(end: Place) -> None:
    Logged.objects.all().delete()

    with pytest.raises(PlaceLost):
        _read(end, limit=10)


@pytest.mark.parametrize("change", [{"position": 1 << 40}, {"settled_after": 1 << 40}, {"event_id": UUID(int=1)}])
def test_a_place_where_no_event_stands_is_lost(end: Place, change: dict[str, int | UUID]) -> None:
    with pytest.raises(PlaceLost):
        _read(replace(end, **change), limit=10)  # type: ignore[arg-type]  # each of its own type


def test_events_of_a_restored_log_are_settled_anew_and_follow_what_was_read(end: Place) -> None:
    light(2)
    with connection.cursor() as cursor:  # as if it had been written where more transactions had been counted
        cursor.execute("UPDATE bus_event SET settled_after = settled_after + 1000000000 WHERE id > %s", [end.event_id])
    assert _read(end, limit=10).events == []

    feed.adopt()

    assert _numbers(_read(end, limit=10)) == [2]


# --- What the tests are made of -----------------------------------------------------------------------------


def _numbers(page: Page) -> list[int]:
    return [event.data["number"] for event in page.events]


def _read(place: Place | None, *, limit: int, types: Sequence[str] | None = None, subject: str | None = None) -> Page:
    """The next page, once all that was committed can be seen."""
    settle()
    return read_on(place, limit=limit, types=types, subject=subject)


def _read_to_the_end(place: Place | None, *, limit: int = 10, subject: str | None = None) -> Iterator[Page]:
    while (page := read_on(place, limit=limit, subject=subject)).place != place:
        yield page
        place = page.place


def _take_a_number(session: Session | object) -> None:
    """Give the session's transaction its number now, before it writes anything."""
    execute: Callable[[str], object] = (
        session.execute if isinstance(session, psycopg.Connection) else connection.cursor().execute
    )
    execute("SELECT pg_current_xact_id()")


def _tell(session: Session, subject: str, number: int) -> None:
    """An event as the bus writes it, from a session that is not Django's."""
    session.execute(
        "INSERT INTO bus_subject AS known (name, sequence) VALUES (%s, 1)"
        " ON CONFLICT (name) DO UPDATE SET sequence = known.sequence + 1",
        [subject],
    )
    session.execute(
        "INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,"
        " causation_id, actor, traceparent, data) SELECT uuidv7(), 'lamp.lit', 1, '/facts', name, sequence, 'a', now(),"
        " '', '', '', '', jsonb_build_object('number', %s::int) FROM bus_subject WHERE name = %s",
        [number, subject],
    )


def _somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        return cursor.fetchone() is not None


@contextmanager
def own_connection() -> Iterator[None]:
    """This thread's connection, closed at the end."""
    try:
        yield
    finally:
        connection.close()
