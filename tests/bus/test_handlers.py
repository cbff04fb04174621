"""Subscribing: a mistake is an import error, not a surprise at night."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from shop.bus import Answer, Event, Outside, locks, subscribe
from shop.bus.handlers import BadHandler, handlers, handlers_of, lane_of, queues, slots_of
from tests.bus.facts import LampLit, LampPutOut


def test_a_handler_belongs_to_the_domain_it_is_declared_in() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None: ...

    handler = handlers["test_handlers.wave"]
    assert (handler.queue, handler.kind, handler.after) == ("test_handlers", "one by one", timedelta(0))
    assert handlers_of(LampLit) == [handler]


def test_the_options_have_written_out_defaults(settings: Settings) -> None:
    settings.BUS_ATTEMPTS = 5

    @subscribe(LampLit)
    def wave(event: LampLit) -> None: ...

    @subscribe(LampLit, many=True, attempts=2, repeatable=True, after=timedelta(minutes=1))
    def wave_later(events: Sequence[LampLit]) -> None: ...

    plain, special = handlers["test_handlers.wave"], handlers["test_handlers.wave_later"]
    assert (plain.attempts, plain.repeatable, plain.one_by_one) == (5, False, True)
    assert (special.attempts, special.repeatable, special.kind) == (2, True, "many")
    assert special.after == timedelta(minutes=1)


def test_a_handler_of_another_event_is_refused() -> None:
    with pytest.raises(BadHandler, match="annotated LampLit"):

        @subscribe(LampLit)
        def wave(event: LampPutOut) -> None: ...


def test_a_handler_without_annotation_is_refused() -> None:
    with pytest.raises(BadHandler, match="annotated LampLit"):

        @subscribe(LampLit)
        def wave(event) -> None: ...  # type: ignore[no-untyped-def]  # that is the point


def test_a_handler_that_says_nothing_of_its_result_is_refused() -> None:
    with pytest.raises(BadHandler, match="return None"):

        @subscribe(LampLit)
        def wave(event: LampLit): ...  # type: ignore[no-untyped-def]  # that is the point


def test_a_handler_that_returns_something_is_refused() -> None:
    with pytest.raises(BadHandler, match="return None"):

        @subscribe(LampLit)
        def wave(event: LampLit) -> int:
            return 1


def test_a_handler_of_two_parameters_is_refused() -> None:
    with pytest.raises(BadHandler, match="one parameter"):

        @subscribe(LampLit)
        def wave(event: LampLit, hand: str) -> None: ...


@pytest.mark.parametrize("annotation", [LampLit, list[LampLit], Sequence[Event], Sequence[LampPutOut]])
def test_a_handler_of_many_takes_a_sequence_of_its_event(annotation: Any) -> None:
    with pytest.raises(BadHandler, match="LampLit"):

        @subscribe(LampLit, many=True)
        def wave(events: annotation) -> None: ...


def test_a_handler_of_one_does_not_take_a_sequence() -> None:
    with pytest.raises(BadHandler, match="LampLit"):

        @subscribe(LampLit)
        def wave(events: Sequence[LampLit]) -> None: ...


def test_a_handler_is_subscribed_once() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None: ...

    with pytest.raises(BadHandler, match="already"):

        @subscribe(LampPutOut)
        def wave(event: LampPutOut) -> None: ...  # type: ignore[misc]  # that is the point


def test_a_refused_handler_is_not_subscribed() -> None:
    with pytest.raises(BadHandler):

        @subscribe(LampLit)
        def wave(event: LampPutOut) -> None: ...

    assert handlers_of(LampLit) == ()
    assert "test_handlers.wave" not in handlers


class Ferry(Outside[LampLit, str, str]):
    def call(self, intent: str) -> str:
        return intent


def test_an_outside_handler_has_its_own_queue() -> None:
    subscribe(LampLit, outside=True)(Ferry)

    assert handlers["test_handlers.ferry"].queue == "test_handlers.out"
    assert handlers["test_handlers.ferry"].kind == "outside"
    assert "test_handlers.out" in queues()


def test_an_outside_handler_of_another_event_is_refused() -> None:
    with pytest.raises(BadHandler, match=r"Outside\[LampPutOut"):
        subscribe(LampPutOut, outside=True)(Ferry)


def test_an_outside_handler_is_a_class_derived_from_outside() -> None:
    class Rowboat: ...

    def row(event: LampLit) -> None: ...

    with pytest.raises(BadHandler, match="derived from Outside"):
        subscribe(LampLit, outside=True)(Rowboat)
    with pytest.raises(BadHandler, match="derived from Outside"):
        subscribe(LampLit, outside=True)(row)


def test_an_outside_handler_that_names_no_event_is_refused() -> None:
    class Rowboat(Outside):  # type: ignore[type-arg]  # that is the point
        def settle(self, answers: Sequence[Answer[Any, Any, Any]]) -> None: ...

    with pytest.raises(BadHandler, match=r"Outside\[LampLit"):
        subscribe(LampLit, outside=True)(Rowboat)


def test_a_domain_declares_its_locks_once() -> None:
    @locks
    def hold_the_rail(events: Sequence[Event]) -> None: ...

    with pytest.raises(BadHandler, match="twice"):

        @locks
        def hold_the_rope(events: Sequence[Event]) -> None: ...


def test_a_key_stays_in_one_lane(settings: Settings) -> None:
    settings.BUS_LANES = {"test_handlers": 4}

    lanes = {key: lane_of("test_handlers", key) for key in map(str, range(100))}

    assert set(lanes.values()) == {0, 1, 2, 3}
    assert all(lane_of("test_handlers", key) == lane for key, lane in lanes.items())
    assert lane_of("another", "17") == 0


def test_slots_are_set_by_queue(settings: Settings) -> None:
    settings.BUS_SLOTS = {"test_handlers.out": 3}

    assert slots_of("test_handlers.out") == 3
    assert slots_of("another.out") == 32


def test_a_handler_keeps_the_name_that_the_tables_know_it_by() -> None:
    @subscribe(LampLit, name="beacons.wave")
    def shine(event: LampLit) -> None: ...

    assert handlers["beacons.wave"].queue == "test_handlers"
    with pytest.raises(BadHandler, match=r"beacons\.wave is subscribed already"):

        @subscribe(LampLit, name="beacons.wave")
        def flash(event: LampLit) -> None: ...


@pytest.mark.parametrize("name", ["wave", "", "beacons.", "beacons.wave.twice"])
def test_a_name_in_the_tables_is_a_domain_and_a_handler(name: str) -> None:
    with pytest.raises(BadHandler, match=r"form domain\.handler"):

        @subscribe(LampLit, name=name)
        def wave(event: LampLit) -> None: ...
