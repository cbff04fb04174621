"""Autonomous transactions, with real connections."""

import time
from collections.abc import Iterator
from functools import cache, partial
from threading import Barrier

import pytest
from django.db import connection, transaction

from shop import autonomous
from tests.bus.stage import notes
from tests.crowds import together


@pytest.fixture
def no_pool_yet(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a process that has only just started; the pool that a test makes is closed."""
    monkeypatch.setattr(autonomous, "_pool", cache(autonomous._pool.__wrapped__))
    yield
    autonomous._the_pool().close()


def _note() -> None:
    with autonomous.cursor() as cursor:
        cursor.execute("INSERT INTO stage_note (handler, number) VALUES ('aside', 1)")


@pytest.mark.django_db(transaction=True)
def test_what_is_written_aside_outlives_a_rollback() -> None:
    with transaction.atomic():
        _note()
        transaction.set_rollback(True)

    assert notes.numbers("aside") == [1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_pool_yet")
def test_many_threads_that_come_first_at_once_share_one_pool() -> None:
    together(*[_note] * 16)

    assert autonomous._pool.cache_info().misses == 1
    assert len(notes.numbers("aside")) == 16


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_pool_yet")
def test_after_all_its_connections_have_died_the_next_is_made_at_once() -> None:
    ended = together(*[partial(_end_own_session, Barrier(4))] * 4)
    began = time.monotonic()
    _note()

    assert len(set(ended)) == 4
    assert notes.numbers("aside") == [1]
    assert time.monotonic() - began < 3, "waiting after each of them takes seven seconds"


def _end_own_session(all_have_one: Barrier) -> int:
    """Take a connection while others have theirs, and hand it back as dead as a restart of the server leaves it."""
    with autonomous.cursor() as cursor:
        all_have_one.wait(30)
        pid = cursor.connection.info.backend_pid
    with connection.cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    return pid
