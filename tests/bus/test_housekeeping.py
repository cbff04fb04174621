"""What any worker does now and then."""

from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from shop.bus import housekeeping, subscribe
from shop.bus.models import DeadLetter, Delivery
from shop.bus.tasks import drain
from shop.clock import ShopNow
from tests.bus.facts import LampLit, light
from tests.bus.stage import notes
from tests.conftest import Clock

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "test_housekeeping"


@pytest.fixture(autouse=True)
def in_a_fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "_next", 0.0)


def test_work_in_lanes_that_are_no_longer_drained_moves_to_one_that_is(settings: Settings) -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    settings.BUS_LANES = {QUEUE: 8}
    for number, lamp in enumerate("abcdefghijkl"):
        light(number, lamp=lamp)
    assert max(Delivery.objects.values_list("lane", flat=True)) >= 2

    settings.BUS_LANES = {QUEUE: 2}
    drain.run(QUEUE)

    assert sorted(notes.numbers()) == [*range(12)]


def test_what_is_long_due_in_a_queue_that_no_code_knows_goes_to_its_handlers_own(clock: Clock) -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(1, 2)
    Delivery.objects.update(queue="beacons")
    Delivery.objects.filter(seq=Delivery.objects.earliest("seq").seq).update(due_at=ShopNow() + timedelta(minutes=30))
    clock.forward(timedelta(minutes=61))
    drain.run(QUEUE)

    assert notes.numbers() == [2]
    assert Delivery.objects.get().queue == "beacons", "its own code may still come for it"


def test_what_is_long_due_for_nobody_in_a_queue_that_no_code_knows_is_parked(clock: Clock) -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None: ...

    light(1)
    Delivery.objects.update(queue="beacons", handler="beacons.flash")
    clock.forward(timedelta(minutes=61))
    drain.run(QUEUE)

    letter = DeadLetter.objects.get()
    assert (letter.handler, letter.queue, letter.parked, letter.attempts) == ("beacons.flash", "beacons", True, 0)
    assert "no handler beacons.flash is here" in letter.error


def test_house_is_kept_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    housekeeping.keep_house()
    with connection.execute_wrapper(_refuse):
        housekeeping.keep_house()


def test_house_is_kept_again_after_a_failure() -> None:
    with pytest.raises(AssertionError), connection.execute_wrapper(_refuse):
        housekeeping.keep_house()
    with pytest.raises(AssertionError), connection.execute_wrapper(_refuse):
        housekeeping.keep_house()


def _refuse(*_statement: object) -> None:
    raise AssertionError("nobody should ask the database now")
