"""What gave up, what nobody understands, and how both come back to work."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet

from shop.bus import DeadLetterOpened, Outside, dead_letters, housekeeping, replay, subscribe, upcast
from shop.bus.event import Event, events
from shop.bus.handlers import handlers
from shop.bus.models import DeadLetter, Delivery, Marker, Receipt
from shop.bus.models import Event as Logged
from shop.bus.tasks import drain
from shop.bus.wanted import Wanted
from shop.clock import ShopNow
from tests.bus.facts import LampEvent, LampLit, light
from tests.bus.stage import notes
from tests.conftest import Clock

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "test_dead_letters"
WAVE = f"{QUEUE}.wave"


class Storm(Exception):
    """Something that goes wrong in a test."""


def test_a_dead_letter_retried_after_the_fix_is_done_once() -> None:
    weather = {"storm": True}

    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)
        if weather["storm"]:
            raise Storm

    light(1)
    drain.run(QUEUE)
    letter = DeadLetter.objects.get()
    weather["storm"] = False

    assert dead_letters.retry([letter]) == 1
    assert dead_letters.retry([letter]) == 0, "it is no dead letter any more"
    drain.run(QUEUE)

    assert notes.numbers() == [1]
    assert Receipt.objects.get().attempts == 1
    assert not Delivery.objects.exists()
    assert not DeadLetter.objects.exists()


def test_a_dead_letter_retried_without_a_fix_dies_again_after_fresh_attempts() -> None:
    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        raise Storm

    light(1)
    drain.run(QUEUE)
    dead_letters.retry(DeadLetter.objects.all())
    drain.run(QUEUE)

    assert DeadLetter.objects.get().attempts == 1


def test_a_dead_letter_whose_event_has_left_the_log_keeps_its_copy() -> None:
    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        raise Storm

    light(1)
    drain.run(QUEUE)
    Logged.objects.all().delete()

    assert dead_letters.retry(DeadLetter.objects.all()) == 0

    letter = DeadLetter.objects.get()
    assert letter.event is not None
    assert letter.event["data"] == {"lamp": "a", "number": 1}


# --- Put right, or let go -----------------------------------------------------------------------------------


def _dead(number: int = 1) -> DeadLetter:
    """A letter that died because its number is odd; even ones are noted."""

    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        if event.number % 2:
            raise Storm
        notes.make("wave", event.number)

    light(number)
    drain.run(QUEUE)
    return DeadLetter.objects.get()


def test_an_amended_letter_is_done_with_what_somebody_put_right_and_the_log_keeps_what_was_told() -> None:
    letter = _dead()

    dead_letters.amend(letter=letter, data={"lamp": "a", "number": 2})
    drain.run(QUEUE)

    assert notes.numbers() == [2]
    assert Logged.objects.get(type="lamp.lit").data == {"lamp": "a", "number": 1}
    assert Receipt.objects.get().event_id == letter.event_id
    assert not DeadLetter.objects.exists()


def test_an_amended_letter_that_dies_again_remembers_what_somebody_made_of_it() -> None:
    dead_letters.amend(letter=_dead(), data={"lamp": "a", "number": 3})
    drain.run(QUEUE)

    again = DeadLetter.objects.get()
    assert (again.event or {})["data"] == {"lamp": "a", "number": 3}
    dead_letters.retry([again])
    assert Delivery.objects.get().amended == {"lamp": "a", "number": 3}


def test_a_letter_that_is_retried_as_it_was_carries_no_payload_of_its_own() -> None:
    dead_letters.retry([_dead()])

    assert Delivery.objects.get().amended is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"lamp": "a", "number": "many"}, "Expected `int`"),
        ({"number": 2}, "missing required field"),
        ({"lamp": "b", "number": 2}, "about lamps/b, and it is about lamps/a"),
    ],
)
def test_what_is_no_such_event_is_refused_and_the_letter_stays(data: dict[str, object], said: str) -> None:
    letter = _dead()

    with pytest.raises(dead_letters.NotAmendable, match=said):
        dead_letters.amend(letter=letter, data=data)

    assert (DeadLetter.objects.get().event or {})["data"] == {"lamp": "a", "number": 1}
    assert not Delivery.objects.exists()


def test_what_was_let_go_is_neither_retried_nor_replayed() -> None:
    letter = _dead()

    assert dead_letters.let_go([letter]) == 1
    assert dead_letters.let_go([letter]) == 0

    assert replay.deliver(Wanted(key="a")).delivered == 0
    assert dead_letters.retry([letter]) == 0
    assert Receipt.objects.get().attempts == 0
    assert not DeadLetter.objects.exists()


# --- Told ---------------------------------------------------------------------------------------------------


def test_a_dead_letter_is_told_with_who_gave_up_on_what() -> None:
    told: list[DeadLetterOpened] = []

    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        raise Storm

    @subscribe(DeadLetterOpened)
    def note(event: DeadLetterOpened) -> None:
        told.append(event)

    light(1)
    drain.run(QUEUE)
    drain.run(QUEUE)

    lit, opened = Logged.objects.order_by("position")
    assert told == [DeadLetterOpened(handler=WAVE, about=lit.pk, type="lamp.lit", parked=False)]
    assert opened.causation_id == str(lit.pk)


def test_a_dead_letter_of_who_hears_of_dead_letters_is_not_told() -> None:
    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        raise Storm

    @subscribe(DeadLetterOpened, attempts=1)
    def note(event: DeadLetterOpened) -> None:
        raise Storm

    light(1)
    for _ in range(4):
        drain.run(QUEUE)

    assert {letter.handler for letter in DeadLetter.objects.all()} == {WAVE, f"{QUEUE}.note"}
    assert Logged.objects.filter(type="dead_letter.opened").count() == 1
    assert not Delivery.objects.exists()


# --- Parked -------------------------------------------------------------------------------------------------


def _forget_handler() -> Callable[[], None]:
    handler = handlers.pop(WAVE)

    def remember() -> None:
        handlers[WAVE] = handler

    return remember


def _forget_type() -> Callable[[], None]:
    kind = events.pop(("lamp.lit", 1))

    def remember() -> None:
        events["lamp.lit", 1] = kind

    return remember


def _tell_unknown_version() -> Callable[[], None]:
    _light_one().update(version=2)

    def learn() -> None:
        class LampLitBrightly(Event, name="lamp.lit", version=2, subject="lamps/{lamp}", key="lamp"):
            lamp: str
            number: int

        handlers[WAVE] = replace(handlers[WAVE], event=LampLitBrightly)

    return learn


def _spoil_payload() -> Callable[[], None]:
    _light_one().update(data={"lamp": "a", "number": "two"})

    def mend() -> None:
        _light_one().update(data={"lamp": "a", "number": 2})

    return mend


def _nest_deep() -> None:
    """What no JSON of ours is, and PostgreSQL takes."""
    with connection.cursor() as cursor:
        deep = "[" * 3000 + "]" * 3000
        cursor.execute(
            "UPDATE bus_event SET data = jsonb_set(data, '{more}', %s::jsonb) WHERE data->>'number' = '2'", [deep]
        )


def _light_one() -> QuerySet[Logged]:
    return Logged.objects.filter(sequence=2)


MISUNDERSTANDINGS = {
    "unknown handler": (_forget_handler, "no handler test_dead_letters.wave"),
    "unknown type": (_forget_type, "no event lamp.lit version 1"),
    "unknown version": (_tell_unknown_version, "no event lamp.lit version 2"),
    "undecodable payload": (_spoil_payload, "Expected `int`, got `str`"),
}


@pytest.mark.parametrize("died", [False, True], ids=["in a batch", "after a drain that died"])
@pytest.mark.parametrize("reason", MISUNDERSTANDINGS)
def test_what_nobody_understands_is_parked_and_comes_back_when_it_is_known(reason: str, *, died: bool) -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(1, 2)
    misunderstand, error = MISUNDERSTANDINGS[reason]
    understand = misunderstand()
    if died:
        _leave_marker()
    drain.run(QUEUE)

    parked = DeadLetter.objects.order_by("id").last()
    assert parked is not None
    assert (parked.parked, parked.attempts, parked.handler) == (True, 0, WAVE)
    assert error in parked.error
    assert parked.event is not None
    assert 2 not in notes.numbers()
    assert not Delivery.objects.exists()

    understand()
    dead_letters.unpark()
    drain.run(QUEUE)

    assert sorted(notes.numbers()) == [1, 2]
    assert not DeadLetter.objects.exists()


def test_what_is_nested_too_deep_to_be_read_is_parked_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(1, 2, 3)
    _nest_deep()
    drain.run(QUEUE)

    parked = DeadLetter.objects.values("parked", "attempts", "error").get()
    assert (parked["parked"], parked["attempts"]) == (True, 0)
    assert "recursion" in parked["error"]
    light(4)
    monkeypatch.setattr(housekeeping, "_next", 0.0)  # as in a process that has just started
    with pytest.raises(RecursionError):
        drain.run(QUEUE)
    drain.run(QUEUE)
    assert notes.numbers() == [1, 3, 4]


def test_the_rest_of_a_batch_is_done_though_one_is_parked() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(1, 2, 3)
    _spoil_payload()
    drain.run(QUEUE)

    assert notes.numbers() == [1, 3]
    assert len({note.transaction for note in notes.read()}) == 1


def test_what_is_missing_from_the_log_is_parked_for_good() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(1, 2)
    _light_one().delete()
    drain.run(QUEUE)
    dead_letters.unpark()

    letter = DeadLetter.objects.get()
    assert (letter.parked, letter.attempts, letter.event) == (True, 0, None)
    assert "the log does not have this event" in letter.error
    assert notes.numbers() == [1]


def test_what_nobody_understands_is_parked_from_an_outside_queue_too() -> None:
    @subscribe(LampLit, outside=True)
    class Wave(Outside[LampLit, int, None]):
        def prepare(self, events: Sequence[LampLit]) -> Sequence[int]:
            return [event.number for event in events]

    light(1)
    _forget_handler()
    drain.run(f"{QUEUE}.out")

    letter = DeadLetter.objects.get()
    assert (letter.parked, letter.attempts, letter.handler) == (True, 0, WAVE)


def test_still_unknown_letters_stay_parked() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None: ...

    light(1)
    _forget_handler()
    drain.run(QUEUE)

    dead_letters.unpark()

    assert DeadLetter.objects.get().parked


def test_a_letter_beside_a_process_that_parks_it_goes_round_no_more_than_once_a_minute(clock: Clock) -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None: ...

    light(1)
    remember = _forget_handler()
    drain.run(QUEUE)
    remember()

    dead_letters.unpark(after=timedelta(minutes=1))
    assert DeadLetter.objects.exists()

    clock.forward(timedelta(minutes=1))
    dead_letters.unpark(after=timedelta(minutes=1))
    assert not DeadLetter.objects.exists()


def test_a_letter_that_nobody_understands_hides_none_that_somebody_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "_PART", 2)

    @subscribe(LampLit)
    def wave(event: LampLit) -> None: ...

    light(*range(6))
    remember = _forget_handler()
    drain.run(QUEUE)
    remember()
    Logged.objects.filter(sequence__lte=3).update(version=2)

    dead_letters.unpark()

    assert DeadLetter.objects.count() == 3
    assert Delivery.objects.count() == 3


def test_a_letter_that_an_upcaster_fails_with_is_no_parked_letter_any_more_and_stops_nobody() -> None:
    class LampLitBrightly(LampEvent, name="lamp.lit", version=2):
        colour: str = ""

    @upcast
    def lamps_of_old_had_colours(old: LampLit) -> LampLitBrightly:
        return LampLitBrightly(lamp=old.lamp, colour={1: "white"}[old.number])

    @subscribe(LampLitBrightly, attempts=1)
    def wave(event: LampLitBrightly) -> None:
        notes.make("wave", event.number)

    light(1, 2)
    remember = _forget_handler()
    drain.run(QUEUE)
    remember()

    dead_letters.unpark()
    drain.run(QUEUE)

    assert notes.numbers() == [0]
    letter = DeadLetter.objects.get()
    assert (letter.parked, letter.attempts, letter.error) == (False, 1, "KeyError: 2")


def test_dead_letters_are_no_parked_letters() -> None:
    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        raise Storm

    light(1)
    drain.run(QUEUE)

    dead_letters.unpark()

    assert DeadLetter.objects.exists()


def test_a_worker_that_understands_unparks_in_its_first_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(1)
    remember = _forget_handler()
    drain.run(QUEUE)
    remember()
    monkeypatch.setattr(housekeeping, "_next", 0.0)  # as in a process that has just started
    drain.run(QUEUE)

    assert notes.numbers() == [1]


def _leave_marker() -> None:
    seqs = list(Delivery.objects.values_list("seq", flat=True))
    Marker.objects.create(queue=QUEUE, lane=0, seqs=seqs, since=ShopNow())
