"""Declaring events: what is wrong with one is said when it is declared."""

import typing
from collections.abc import Callable
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Union
from uuid import UUID, uuid4

import msgspec
import pytest
from uuid_utils.compat import uuid7

from shop.bus import Event
from shop.bus.event import BadEvent, UnknownEvent, event_type, events
from shop.catalogue.models import Product
from shop.money import Money
from tests.bus.facts import LampLit, LampPutOut

PRODUCT = [event for event in events.values() if not event.__module__.startswith("tests.")]
"""Every event that the product declares."""


def test_a_name_is_declared_once() -> None:
    with pytest.raises(BadEvent, match="declared twice"):

        class LampLitAgain(Event, name="lamp.lit", version=1, subject="lamps/{lamp}", key="lamp"):
            lamp: str


def test_a_name_may_have_another_version() -> None:
    class LampLitBrightly(Event, name="lamp.lit", version=2, subject="lamps/{lamp}", key="lamp"):
        lamp: str

    assert event_type("lamp.lit", 2) is LampLitBrightly
    assert event_type("lamp.lit", 1) is LampLit


@pytest.mark.parametrize("version", [0, 3])
def test_versions_count_from_one_and_leave_none_out(version: int) -> None:
    with pytest.raises(BadEvent, match="versions count from 1"):

        class LampLitBrightly(Event, name="lamp.lit", version=version, subject="lamps/{lamp}", key="lamp"):
            lamp: str


@pytest.mark.parametrize("name", ["lit", "lamp.", ".lit", "lamp.lit.twice", "lamp lit", "lamp.lit now", "lamp-lit"])
def test_a_name_is_a_noun_and_a_past_tense(name: str) -> None:
    with pytest.raises(BadEvent, match=r"noun\.past_tense"):

        class Misnamed(Event, name=name, subject="lamps/{lamp}", key="lamp"):
            lamp: str


@pytest.mark.parametrize("subject", ["", "lamps", "lamps/{bulb}", "lamps/{lamp}/{bulb}"])
def test_a_subject_names_fields_of_the_event(subject: str) -> None:
    with pytest.raises(BadEvent, match="its subject"):

        class Subjectless(Event, name="lamp.sold", subject=subject, key="lamp"):
            lamp: str


@pytest.mark.parametrize("key", ["", "bulb"])
def test_a_key_is_a_field_of_the_event(key: str) -> None:
    with pytest.raises(BadEvent, match="its key"):

        class Keyless(Event, name="lamp.sold", subject="lamps/{lamp}", key=key):
            lamp: str


class Bulb:
    """A class that JSON knows nothing of."""


@pytest.mark.parametrize("uncodable", [Bulb, Product, list[Bulb], dict[str, Product], Bulb | None, Callable[[], None]])
def test_a_field_that_json_cannot_carry_is_refused(uncodable: Any) -> None:
    with pytest.raises(BadEvent, match="cannot be carried as JSON"):

        class Heavy(Event, name="lamp.sold", subject="lamps/{lamp}", key="lamp"):
            lamp: str
            bulb: uncodable


@pytest.mark.parametrize("zoneless", [datetime, datetime | None, tuple[datetime, ...], dict[str, list[datetime]]])
def test_a_time_without_its_zone_is_refused(zoneless: Any) -> None:
    with pytest.raises(BadEvent, match="a time without its zone"):

        class Undated(Event, name="lamp.sold", subject="lamps/{lamp}", key="lamp"):
            lamp: str
            at: zoneless


def test_what_was_refused_is_not_declared() -> None:
    with pytest.raises(BadEvent):

        class Refused(Event, name="lamp.sold", subject="lamps/{bulb}", key="lamp"):
            lamp: str

    with pytest.raises(UnknownEvent):
        event_type("lamp.sold", 1)


def test_events_are_frozen() -> None:
    event = LampLit(lamp="a")

    with pytest.raises(AttributeError):
        event.lamp = "b"


def test_events_compare_by_value() -> None:
    assert LampLit(lamp="a", number=1) == LampLit(lamp="a", number=1)
    assert LampLit(lamp="a") != LampLit(lamp="b")
    assert LampLit(lamp="a") != LampPutOut(lamp="a")  # type: ignore[comparison-overlap]  # that is the point


def test_an_event_from_the_log_equals_the_one_published_and_knows_its_id() -> None:
    event, event_id = LampLit(lamp="a", number=7), uuid7()

    heard = LampLit.decode(event.encode(), event_id)

    assert heard == event
    assert heard.event_id == event_id


def test_an_event_not_yet_in_the_log_has_no_id() -> None:
    with pytest.raises(KeyError):
        _ = LampLit(lamp="a").event_id


def test_a_payload_of_another_shape_is_not_decoded() -> None:
    with pytest.raises(msgspec.ValidationError):
        LampLit.decode('{"lamp": 3}', uuid4())


def test_a_payload_may_carry_fields_that_came_later() -> None:
    assert LampLit.decode('{"lamp": "a", "colour": "red"}', uuid4()) == LampLit(lamp="a")


def test_subject_and_key_come_from_the_fields_and_are_handed_on_by_a_base() -> None:
    event = LampPutOut(lamp="a")

    assert (event.subject, event.key, event.source) == ("lamps/a", "a", "/facts")


@pytest.mark.parametrize("event", PRODUCT, ids=lambda event: event.name)
class TestEveryEventOfTheProduct:
    def test_says_what_is_true_now(self, event: type[Event]) -> None:
        assert event.__doc__
        assert event.__doc__.strip().endswith(".")

    def test_round_trips_through_json(self, event: type[Event]) -> None:
        told = _sample(event)

        heard = event.decode(told.encode(), uuid4())

        assert heard == told
        assert hash(heard) == hash(told)

    def test_has_a_subject_a_key_and_its_domain_as_source(self, event: type[Event]) -> None:
        told = _sample(event)

        assert "{" not in told.subject
        assert told.key
        assert event.source == f"/{event.__module__.split('.')[-2]}"


def test_the_product_declares_events_at_all() -> None:
    assert len(PRODUCT) > 10


def _sample(kind: Any) -> Any:
    """Some value of a type that events use."""
    known: dict[Any, Any] = {
        str: "text",
        int: 3,
        bool: True,
        UUID: uuid4(),
        datetime: datetime.now(UTC),
        Money: Money(1200, "EUR"),
    }
    if kind in known:
        return known[kind]
    if typing.get_origin(kind) in {Union, UnionType}:
        return _sample(typing.get_args(kind)[0])
    if typing.get_origin(kind) is tuple:
        return (_sample(typing.get_args(kind)[0]),) * 2
    return kind(**{name: _sample(hint) for name, hint in _fields(kind).items()})


def _fields(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {name: hints[name] for name in kind.__struct_fields__}
