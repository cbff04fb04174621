"""Two releases side by side, each with its own worker: nothing is lost, whichever event meets whichever code."""

import time
from collections import Counter

import pytest

from shop.bus.models import DeadLetter, Delivery, Receipt
from shop.bus.models import Event as Logged
from tests.bus.facts import tell
from tests.bus.releases.new.tour import handlers as _subscribed  # noqa: F401 - what is published here is delivered
from tests.bus.releases.new.tour.events import TicketSold, TicketSoldV1, VanLoaded
from tests.bus.stage import notes
from tests.conftest import StartWorker
from tests.processes import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]


def test_new_events_that_old_code_parks_are_heard_once_when_the_last_old_worker_has_gone(
    start_worker: StartWorker,
) -> None:
    with start_worker("tour", RELEASE="old"):
        tell(TicketSold(town="a", number=0, cents=999, currency="NOK"))
        letter = _dead_letter()
        assert (letter.parked, letter.attempts) == (True, 0)
        assert "no event ticket.sold version 2" in letter.error

        began = time.monotonic()
        with start_worker("tour", RELEASE="new"):  # both for a while, and who hears of what is chance
            for number in range(1, 40):
                _tell_old(number)
                tell(TicketSold(town="b", number=number, cents=1200, currency="EUR"))
            _all_is_done()
            opened = Counter(Logged.objects.filter(type="dead_letter.opened").values_list("data__about", flat=True))
            most = 2 + (time.monotonic() - began) // 60  # when told, when new code starts, and then each minute
            assert max(opened.values()) <= most, "none goes round and round"
    with start_worker("tour", RELEASE="new"):
        eventually(lambda: not DeadLetter.objects.exists(), "what was parked is taken up")
        _all_is_done()

    assert sorted(notes.numbers()) == sorted([*range(40), *range(1, 40)])
    assert Receipt.objects.filter(handler="tour.print_ticket", attempts=1).count() == 79


def test_new_code_hears_old_events_goes_on_under_an_old_name_and_parks_what_nobody_does_any_more(
    start_worker: StartWorker,
) -> None:
    _tell_old(1)
    tell(VanLoaded(town="a", number=2))
    loaded = Logged.objects.get(type="van.loaded")
    _deliver(loaded, "tour.wave")

    with start_worker("tour", RELEASE="new"):
        letter = _dead_letter()
        _all_is_done()
        _deliver(loaded, "tour.drive")  # once more
        _all_is_done()

    assert {(note.handler, note.number) for note in notes.read()} == {("new: 1200 EUR", 1), ("new: set out", 2)}
    assert len(notes.read()) == 2, "a receipt under the old name is a receipt"
    assert (letter.handler, letter.parked, letter.attempts) == ("tour.wave", True, 0)
    assert "no handler tour.wave" in letter.error


def _tell_old(number: int) -> None:
    """As the old release tells it."""
    tell(TicketSoldV1(town="a", number=number, price=12))


def _deliver(event: Logged, handler: str) -> None:
    """As a process would that has this handler."""
    Delivery.objects.create(event_id=event.pk, handler=handler, queue="tour", lane=0, due_at=event.time)


def _dead_letter() -> DeadLetter:
    letter = eventually(DeadLetter.objects.first, "somebody parks it")
    assert letter
    return letter


def _all_is_done() -> None:
    eventually(lambda: not Delivery.objects.filter(queue="tour").exists(), "all is heard")
