"""Who has lost its lane or its lease changes nothing any more: drains whose session ended, workers that were frozen."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from django.db import Error, connection

from shop.bus import subscribe
from shop.bus.models import DeadLetter, Delivery, Marker, Receipt
from shop.bus.tasks import drain
from shop.clock import ShopNow
from tests.bus.conftest import Session
from tests.bus.facts import LampLit, light
from tests.bus.stage import handlers as _subscribed  # noqa: F401 - so that what is published here is delivered
from tests.bus.stage import notes
from tests.bus.stage.directing import all_is_done, tell
from tests.bus.stage.events import Called, Cued
from tests.conftest import Clock, StartWorker
from tests.processes import Worker, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]

QUEUE = "test_fencing"


# --- A session that ends under its drain --------------------------------------------------------------------


@pytest.mark.parametrize("swallowed", [False, True], ids=["and the handler fails", "and the handler says nothing"])
@pytest.mark.parametrize("alone", [False, True], ids=["in a batch", "alone"])
def test_a_drain_whose_session_ends_in_a_handler_changes_nothing_and_stops(
    somebody_else: Session, clock: Clock, *, alone: bool, swallowed: bool
) -> None:
    visits: list[int] = []

    @subscribe(LampLit, attempts=2)
    def wave(event: LampLit) -> None:
        visits.append(event.number)
        notes.make("wave", event.number)
        if len(visits) == 1:
            ours = connection.connection.info.backend_pid
            somebody_else.execute("SELECT pg_terminate_backend(%s, 5000)", [ours])
            with suppress(*([Error] if swallowed else [])):
                notes.make("after the end")

    light(1, 2)
    if alone:
        seqs = list(Delivery.objects.values_list("seq", flat=True))
        Marker.objects.create(queue=QUEUE, lane=0, seqs=seqs, since=ShopNow())
    drain.run(QUEUE)
    assert visits == ([1] if alone or not swallowed else [1, 2])
    assert notes.read() == []
    assert Marker.objects.exclude(seqs=[]).exists(), "so that whoever comes next takes each alone"
    assert list(Delivery.objects.order_by("seq").values_list("attempts", flat=True)) == [int(alone), 0]

    Delivery.objects.update(due_at=ShopNow())
    drain.run(QUEUE)
    assert sorted(notes.numbers()) == [1, 2]
    assert Receipt.objects.count() == 2
    assert not DeadLetter.objects.exists()


# --- Frozen workers -----------------------------------------------------------------------------------------


def test_a_frozen_worker_changes_nothing_when_it_is_thawed_after_others_did_its_work(
    start_worker: StartWorker, somebody_else: Session
) -> None:
    """It was in a handler's transaction, and in a call that others have made again: that answer is evidence."""
    with start_worker("stage", "stage.out", concurrency=2) as frozen:
        tell(*(Cued(scene="a", number=number, act="pause" if number == 1 else "note") for number in range(3)))
        tell(Called(scene="a", number=9, act="pause"))
        eventually(lambda: notes.numbers("call") == [9], "the call is in the air")
        eventually(lambda: Marker.objects.exclude(seqs=[]).count() == 2, "the batch is in hand")
        with _stopped(frozen, somebody_else), start_worker("stage", "stage.out"):
            all_is_done()
            assert sorted(notes.numbers("play")) == [0, 1, 2]
            assert notes.numbers("settle") == [9]
        eventually(lambda: frozen.said("stage: the database is away"), "the thawed drain has noticed")
        eventually(lambda: notes.numbers("late") == [9], "the late answer is kept")

    assert sorted(notes.numbers("play")) == [0, 1, 2]
    assert (notes.numbers("call"), notes.numbers("settle")) == ([9, 9], [9])
    assert Receipt.objects.count() == 4
    assert not DeadLetter.objects.exists()


@contextmanager
def _stopped(worker: Worker, session: Session) -> Iterator[None]:
    """Frozen, and its sessions gone, as the database ends them after a while."""
    os.killpg(worker.pid, signal.SIGSTOP)
    try:
        session.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'shop worker' AND datname = current_database()"
        )
        yield
    finally:
        os.killpg(worker.pid, signal.SIGCONT)
