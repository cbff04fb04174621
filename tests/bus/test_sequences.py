"""A subject's events are numbered without gap or repeat, whoever publishes, rolls back, or is killed meanwhile."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import Error, connection, transaction
from pytest_django import DjangoDbBlocker

from shop.bus import gather, publish, reading
from shop.bus.models import Event as Logged
from shop.bus.models import Subject
from shop.doctor import examine
from tests.bus.facts import LampLit, light
from tests.bus.stage import notes
from tests.processes import database_url, eventually

pytestmark = pytest.mark.django_db(transaction=True)

_THREADS = 4
_ROUNDS = 40
_LAMPS = "abc"


class TakenBack(Exception):
    """A savepoint is."""


def test_sequences_have_no_gap_though_writers_roll_back_and_are_killed(django_db_blocker: DjangoDbBlocker) -> None:
    with _processes(2) as doomed, ThreadPoolExecutor(_THREADS) as threads, django_db_blocker.unblock():
        eventually(lambda: Logged.objects.count() > 20, "the processes are at it", seconds=60)
        writers = [threads.submit(_write_in_a_thread, seed) for seed in range(_THREADS)]
        for process in doomed:
            process.kill()
        for writer in writers:
            writer.result(120)
    eventually(lambda: not _others(), "the sessions of the killed have ended")

    told = list(Logged.objects.order_by("position").values_list("subject", "sequence", "id", "data__number"))
    assert sorted(number for *_, number in told) == sorted(notes.numbers()), "none is lost, and none is a ghost"
    for subject in {subject for subject, *_ in told}:
        of_it = [(sequence, event_id) for each, sequence, event_id, _ in told if each == subject]
        assert [sequence for sequence, _ in of_it] == [*range(1, len(of_it) + 1)], "in the order of the feed"
        assert of_it == sorted(of_it, key=lambda each: each[1]), "and in that of the ids"
        assert Subject.objects.get(name=subject).sequence == len(of_it)
    assert _broken() == {}


def test_a_story_is_told_in_sequence_though_the_later_began_first(django_db_blocker: DjangoDbBlocker) -> None:
    def elsewhere() -> None:
        with django_db_blocker.unblock():
            light(1)
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as threads:
        notes.make("begun")
        threads.submit(elsewhere).result(10)
        light(2)

    first, second = [chapter.event for chapter in reading.story("a")]
    assert [first.data["number"], second.data["number"]] == [1, 2]
    assert first.time > second.time


# --- What the doctor says -----------------------------------------------------------------------------------

_GAP = "a subject's events are numbered without gap or repeat"
_COUNTER = "a subject's counter stands at its last event"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM bus_event WHERE sequence = 2", {_GAP: [("lamps/a", 1, 3)]}),
        ("UPDATE bus_event SET sequence = 1 WHERE sequence = 2", {_GAP: [("lamps/a", 1, 1), ("lamps/a", 1, 3)]}),
        ("DELETE FROM bus_event WHERE sequence = 3", {_COUNTER: [("lamps/a", 2, 3)]}),
        ("DELETE FROM bus_subject", {_COUNTER: [("lamps/a", 3, None)]}),
    ],
    ids=["lost", "repeated", "lost at the end", "no counter"],
)
def test_an_event_that_was_lost_or_repeated_is_found(damage: str, said: dict[str, list[tuple[object, ...]]]) -> None:
    light(1, 2, 3)

    with connection.cursor() as cursor:
        cursor.execute(damage)

    assert _broken() == said


@pytest.mark.parametrize("sequence", [1, 2, 3])
def test_who_began_before_the_doctor_looks_leaves_no_gap(sequence: int) -> None:
    light(1, 2, 3)
    Logged.objects.filter(sequence=sequence).update(time=datetime.now(UTC) - timedelta(hours=2))

    assert _broken() == {}


def _broken() -> dict[str, list[tuple[Any, ...]]]:
    found = examine(since=datetime.now(UTC) - timedelta(hours=1))
    return {
        each.invariant.claim: [tuple(row.values()) for row in each.broken]
        for each in found
        if each.broken and each.invariant.claim in {_GAP, _COUNTER}
    }


# --- Who writes ---------------------------------------------------------------------------------------------


def write_at_random(chance: random.Random, number: int) -> None:
    """One transaction, with a note for each event that it is to leave. It may not survive."""
    with transaction.atomic():
        step = chance.choice([_one_by_one, _together, _with_a_savepoint_taken_back])
        step(chance, number)
        end = chance.random()
        if end < 0.2:
            transaction.set_rollback(True)
        elif end < 0.3:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def _one_by_one(chance: random.Random, number: int) -> None:
    for lamp in sorted(chance.sample(_LAMPS, 2)):  # as all must who hold more than one for longer
        _publish(lamp, number)


def _together(chance: random.Random, number: int) -> None:
    with gather():
        for lamp in chance.choices(_LAMPS, k=3):
            _publish(lamp, number)


def _with_a_savepoint_taken_back(chance: random.Random, number: int) -> None:
    with gather():
        with suppress(TakenBack), transaction.atomic():
            _publish(chance.choice(_LAMPS), number)
            raise TakenBack
        _publish(chance.choice(_LAMPS), number)


def _publish(lamp: str, number: int) -> None:
    publish(LampLit(lamp=lamp, number=number))
    notes.make("publish", number)


def _write_in_a_thread(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - to choose
    for round_ in range(_ROUNDS):
        with suppress(Error):
            write_at_random(chance, number=1000 * (seed + 1) + round_)
        connection.close()


_ENDLESS = """
import django, itertools, os, random
from contextlib import suppress
django.setup()
from django.db import Error, connection
from tests.bus.test_sequences import write_at_random

chance = random.Random(os.getpid())
for number in itertools.count():
    with suppress(Error):
        write_at_random(chance, number)
    if not connection.is_usable():
        connection.close()
"""


@contextmanager
def _processes(count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Some that write until they are killed."""
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", _ENDLESS]
    started = [subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait(10)


def _others() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND xact_start IS NOT NULL"
        )
        return [pid for (pid,) in cursor.fetchall()]
