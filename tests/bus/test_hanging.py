"""Handlers and calls that never end, in real workers: they are ended, and everybody else's work is done once."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from shop.bus.models import DeadLetter
from tests.bus.stage import handlers as _subscribed  # noqa: F401 - so that what is published here is delivered
from tests.bus.stage import notes
from tests.bus.stage.directing import all_is_done, buried_among_six_calls, is_well, tell
from tests.bus.stage.events import Cued, Rehearsed
from tests.conftest import StartWorker
from tests.processes import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]

DIED = "its worker died in every attempt"


@pytest.fixture(scope="module")
def worker(start_worker: StartWorker, django_db_blocker: DjangoDbBlocker) -> Iterator[Worker]:
    """It has not much time to give."""
    with django_db_blocker.unblock():
        started = start_worker("stage", "stage.out", TASK_SOFT_TIME_LIMIT="1", TASK_TIME_LIMIT="3")
    with started as worker:
        yield worker


ENDLESS = {"hang": "SoftTimeLimitExceeded", "hang on": "time limit", "hang in C": DIED}


@pytest.mark.parametrize(("act", "cue"), [("hang", Cued), ("hang", Rehearsed), ("hang on", Cued), ("hang in C", Cued)])
def test_who_hangs_is_ended_and_a_dead_letter_and_its_batch_and_queue_are_done(
    worker: Worker, act: str, cue: type[Cued | Rehearsed]
) -> None:
    tell(*(cue(scene="a", number=number, act=act if number == 1 else "note") for number in range(3)))

    all_is_done()
    heard = "play" if cue is Cued else "rehearse"
    assert sorted(notes.numbers(heard)) == [0, 2]
    letter = DeadLetter.objects.get()
    assert (letter.handler, letter.attempts, letter.parked) == (f"stage.{heard}", 2, False)
    assert ENDLESS[act] in letter.error
    assert is_well(worker)


CALLS = {"hang always": "Hangs: ", "hang in C always": DIED, "hang in preparing": "SoftTimeLimitExceeded"}


@pytest.mark.parametrize("act", CALLS)
def test_a_call_that_never_returns_is_a_dead_letter_and_the_others_in_the_air_are_settled(
    worker: Worker, act: str
) -> None:
    letter = buried_among_six_calls(act)

    assert (letter.handler, letter.attempts, letter.parked) == ("stage.call", 2, False)
    assert CALLS[act] in letter.error
    assert sorted(notes.numbers("settle")) == [0, 1, 2, 4, 5]
    assert is_well(worker)
