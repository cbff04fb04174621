"""Events that hurt whoever hears them, in real workers: each ends as a dead letter, and nobody else pays for it."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from shop.bus.models import DeadLetter, Receipt
from tests.bus.stage import handlers as _subscribed  # noqa: F401 - so that what is published here is delivered
from tests.bus.stage import notes
from tests.bus.stage.acts import CROWD
from tests.bus.stage.directing import all_is_done, buried_among_six_calls, is_well, tell
from tests.bus.stage.events import Called, Cued, Rehearsed
from tests.conftest import StartWorker
from tests.processes import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]

DIED = "its worker died in every attempt"


@pytest.fixture(scope="module")
def worker(start_worker: StartWorker, django_db_blocker: DjangoDbBlocker) -> Iterator[Worker]:
    """It has not much memory to give."""
    with django_db_blocker.unblock():
        started = start_worker("stage", "stage.out", WORKER_MEMORY="320", BUS_SLOTS=f"stage.out={CROWD}")
    with started as worker:
        yield worker


POISONS = {
    "eat": "MemoryError",
    "exit": DIED,
    "be killed": DIED,
    "leave": "Ended: ",
    "be interrupted": "Ended: ",
    "stop generating": "Ended: ",
    "be speechless": "Speechless: (it cannot say what: RuntimeError)",
    "say too much": "RuntimeError: word word",
    "say half a sign": "RuntimeError: ?",
    "tell a NUL": "DataError",
}


def test_whatever_poisons_are_in_a_batch_each_is_a_dead_letter_and_all_others_are_done_once(worker: Worker) -> None:
    acts = [act for poison in POISONS for act in ("note", poison, "note")]
    tell(*(Cued(scene="a", number=number, act=act) for number, act in enumerate(acts)))
    tell(Cued(scene="b", number=len(acts)))

    all_is_done()
    good = [number for number, act in enumerate([*acts, "note"]) if act == "note"]
    assert sorted(notes.numbers("play")) == good
    assert Receipt.objects.count() == len(good)
    letters = {(letter.event or {})["data"]["act"]: letter for letter in DeadLetter.objects.all()}
    assert {act: letter.error[: len(POISONS[act])] for act, letter in letters.items()} == POISONS
    assert {(letter.attempts, letter.parked) for letter in letters.values()} == {(2, False)}
    assert max(len(letter.error) for letter in letters.values()) <= 2000
    assert is_well(worker)


def test_who_eats_all_memory_among_many_is_a_dead_letter_and_the_others_are_done_once(worker: Worker) -> None:
    tell(*(Rehearsed(scene="a", number=number, act="eat" if number == 1 else "note") for number in range(3)))

    all_is_done()
    assert sorted(notes.numbers("rehearse")) == [0, 2]
    letter = DeadLetter.objects.get()
    assert (letter.handler, letter.attempts, letter.parked) == ("stage.rehearse", 2, False)
    assert "MemoryError" in letter.error


def test_a_process_that_never_gets_its_memory_back_is_replaced(worker: Worker) -> None:
    tell(*(Cued(scene="a", number=number, act="hoard" if number == 1 else "note") for number in range(3)))

    all_is_done()
    assert sorted(notes.numbers("play")) == [0, 2]
    letter = DeadLetter.objects.get()
    assert letter.attempts == 2
    assert "MemoryError" in letter.error or DIED in letter.error, "as much as was left to say"
    assert is_well(worker)


OUTSIDE = {
    "eat always": "MemoryError",
    "be killed always": DIED,
    "be killed in preparing": DIED,
    "leave always": "Ended: ",
    "be speechless always": "it cannot say what",
}


@pytest.mark.parametrize("act", OUTSIDE)
def test_a_call_that_hurts_its_worker_ends_as_a_dead_letter_and_the_others_in_the_air_are_settled(
    worker: Worker, act: str
) -> None:
    letter = buried_among_six_calls(act)

    assert (letter.handler, letter.attempts, letter.parked) == ("stage.call", 2, False)
    assert OUTSIDE[act] in letter.error
    assert sorted(notes.numbers("settle")) == [0, 1, 2, 4, 5]
    assert is_well(worker)


def test_the_threads_of_many_calls_do_not_count_as_memory(worker: Worker) -> None:
    tell(*(Called(scene="a", number=number, act="wait for all") for number in range(CROWD)))

    all_is_done()
    assert sorted(notes.numbers("settle")) == [*range(CROWD)]
    assert set(Receipt.objects.values_list("attempts", flat=True)) == {1}


def test_a_payload_of_ten_megabytes_is_heard_like_any_other(worker: Worker) -> None:
    tell(Cued(scene="a", number=1), Cued(scene="a", number=2, act="x" * 10_000_000), Cued(scene="a", number=3))

    all_is_done()
    assert sorted(notes.numbers("play")) == [1, 2, 3]
    assert not DeadLetter.objects.exists()
