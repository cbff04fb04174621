"""Examples are what they claim to be: events of their kind."""

from typing import Literal
from uuid import UUID

import pytest

from shop.bus import Event
from shop.bus.reading import kinds
from shop.events.catalogue import data_example, example_of
from shop.money import Money


@pytest.mark.parametrize("event", [kind.event for kind in kinds()], ids=lambda event: event.name)
def test_the_example_of_every_event_is_one(event: type[Event]) -> None:
    example = example_of(event, lambda name, version: f"/{name}/{version}")

    decoded = event.decode(_encoded(example.data), example.id)
    assert (decoded.subject, decoded.key) == (example.subject, example.partitionkey)


def test_the_same_name_has_the_same_value_in_all_examples() -> None:
    examples = [data_example(kind.event) for kind in kinds()]

    assert len({example["order_id"] for example in examples if "order_id" in example}) == 1


def test_an_example_can_be_made_of_every_shape() -> None:
    class Shape(Event, subject="shapes/{id}", key="id"):
        id: UUID
        pair: tuple[int, str]
        one_of: Literal["a", "b"]
        maybe: Money | None
        share: float
        is_round: bool
        anything: dict[str, int]

    assert data_example(Shape) | {"id": None} == {
        "id": None,
        "pair": [1, "pair"],
        "one_of": "a",
        "maybe": {"amount": 2400, "currency": "EUR"},
        "share": 1.5,
        "is_round": True,
        "anything": {},
    }


def _encoded(data: object) -> bytes:
    import msgspec

    return msgspec.json.encode(data)
