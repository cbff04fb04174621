"""What any worker does now and then."""

import pytest
from django.db import connection
from pytest_django import Settings

from shop.bus import housekeeping, subscribe
from shop.bus.models import Delivery
from shop.bus.tasks import drain
from tests.bus.facts import LampLit, light
from tests.bus.stage import notes

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
