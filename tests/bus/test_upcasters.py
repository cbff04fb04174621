"""Old events as the next version tells them."""

import pytest
from uuid_utils.compat import uuid7

from shop.bus import Event, subscribe, upcast
from shop.bus.event import BadEvent, UnknownEvent
from shop.bus.handlers import BadHandler
from shop.bus.models import Event as Logged
from shop.bus.tasks import drain
from shop.bus.upcasters import brought_to
from tests.bus.facts import LampEvent, LampLit, LampPutOut, tell


class LampDimmedV1(LampEvent, name="lamp.dimmed", version=1):
    """A lamp burns lower, by so many steps."""

    steps: int = 0


class LampDimmedV2(LampEvent, name="lamp.dimmed", version=2):
    """A lamp burns lower, at this part of its brightness."""

    percent: int = 100


class LampDimmed(LampEvent, name="lamp.dimmed", version=3):
    """A lamp burns lower, at this part of its brightness, in its colour."""

    percent: int = 100
    colour: str = "white"


def steps_are_tenths(old: LampDimmedV1) -> LampDimmedV2:
    return LampDimmedV2(lamp=old.lamp, number=old.number, percent=100 - 10 * old.steps)


def all_lamps_were_white(old: LampDimmedV2) -> LampDimmed:
    return LampDimmed(lamp=old.lamp, number=old.number, percent=old.percent, colour="white")


def test_an_event_goes_through_all_versions_up_to_the_wanted_one_and_keeps_its_id() -> None:
    upcast(steps_are_tenths)
    upcast(all_lamps_were_white)
    told = LampDimmedV1.decode(b'{"lamp": "a", "number": 7, "steps": 3}', uuid7())

    heard = brought_to(LampDimmed, told)

    assert heard == LampDimmed(lamp="a", number=7, percent=70, colour="white")
    assert heard.event_id == told.event_id


def test_an_event_of_the_wanted_version_stays_as_it_is() -> None:
    event = LampDimmed(lamp="a", percent=70, colour="red")

    assert brought_to(LampDimmed, event) is event


@pytest.mark.parametrize(
    "event", [LampDimmed(lamp="a", percent=70, colour="red"), LampPutOut(lamp="a")], ids=["newer", "another"]
)
def test_what_is_newer_or_another_event_is_not_known(event: Event) -> None:
    with pytest.raises(UnknownEvent, match=r"lamp\.dimmed version 2 is known here"):
        brought_to(LampDimmedV2, event)


@pytest.mark.django_db(transaction=True)
def test_a_handler_hears_what_was_told_in_every_version_as_the_newest_and_the_log_keeps_it_as_it_was_told() -> None:
    upcast(steps_are_tenths)
    upcast(all_lamps_were_white)
    heard: list[LampDimmed] = []

    @subscribe(LampDimmed)
    def adjust(event: LampDimmed) -> None:
        heard.append(event)

    tell(
        LampDimmedV1(lamp="a", steps=1),
        LampDimmedV2(lamp="a", percent=80),
        LampDimmed(lamp="a", percent=70, colour="red"),
    )
    drain.run("test_upcasters")

    assert [(event.percent, event.colour) for event in heard] == [(90, "white"), (80, "white"), (70, "red")]
    assert [event.version for event in Logged.objects.order_by("position")] == [1, 2, 3]
    assert Logged.objects.get(version=1).data == {"lamp": "a", "number": 0, "steps": 1}


# --- Mistakes are said where they are made ------------------------------------------------------------------


def test_a_handler_of_an_event_with_a_gap_in_its_chain_is_refused() -> None:
    upcast(all_lamps_were_white)

    with pytest.raises(BadEvent, match="nothing leads from version 1"):

        @subscribe(LampDimmed)
        def adjust(event: LampDimmed) -> None: ...


def test_a_handler_of_an_older_version_is_refused() -> None:
    with pytest.raises(BadHandler, match=r"must hear the newest version of lamp\.dimmed"):

        @subscribe(LampDimmedV2)
        def adjust(event: LampDimmedV2) -> None: ...


def test_a_version_is_brought_to_the_next_in_one_way() -> None:
    upcast(steps_are_tenths)

    with pytest.raises(BadEvent, match=r"steps_are_tenths leads on from .* already"):

        @upcast
        def steps_are_fifths(old: LampDimmedV1) -> LampDimmedV2:
            return LampDimmedV2(lamp=old.lamp, percent=100 - 20 * old.steps)


def test_a_step_leads_to_the_next_version_and_nowhere_else() -> None:
    def too_far(old: LampDimmedV1) -> LampDimmed:
        return LampDimmed(lamp=old.lamp, percent=50, colour="white")

    def back(new: LampDimmed) -> LampDimmedV2:
        return LampDimmedV2(lamp=new.lamp, percent=new.percent)

    def astray(old: LampLit) -> LampDimmedV2:
        return LampDimmedV2(lamp=old.lamp, percent=100)

    for step in (too_far, back, astray):
        with pytest.raises(BadEvent, match=f"{step.__name__} must lead from"):
            upcast(step)


def test_a_step_says_what_it_takes_and_returns() -> None:
    def says_nothing(old):  # type: ignore[no-untyped-def]  # that is the point
        return old

    def takes_two(old: LampDimmedV1, percent: int) -> LampDimmedV2:
        return LampDimmedV2(lamp=old.lamp, percent=percent)

    def takes_no_event(old: int) -> LampDimmedV2:
        return LampDimmedV2(lamp="a", percent=old)

    for step in (says_nothing, takes_two, takes_no_event):
        with pytest.raises(BadEvent, match="must take one event, return one, and say so"):
            upcast(step)  # type: ignore[type-var]  # mypy says so too
