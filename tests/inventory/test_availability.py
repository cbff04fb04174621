"""Shoppers see whether something can be had; they are told once per crossing, not once per piece."""

from collections.abc import Callable

import pytest

from inventory import services
from inventory.events import AvailabilityChanged
from inventory.handlers import show_availability
from inventory.models import StockLevel
from shop.bus.models import Delivery
from shop.catalogue.models import Availability
from tests.conftest import Published
from tests.inventory.test_services import reserve

pytestmark = pytest.mark.django_db(transaction=True)


def shown() -> dict[str, bool]:
    return dict(Availability.objects.values_list("sku", "available"))


def told(published: Published) -> list[tuple[str, bool]]:
    return [(event.sku, event.available) for event in published.of(AvailabilityChanged)]


def test_the_last_piece_held_and_given_back_are_told(lamps: StockLevel, published: Published) -> None:
    order_id = reserve({"LAMP-BLACK": 1})
    services.release(order_ids=[order_id])

    assert told(published) == [("LAMP-BLACK", False), ("LAMP-BLACK", True)]


def test_what_leaves_something_on_the_shelf_is_not_told(mugs: StockLevel, published: Published) -> None:
    for pieces in (5, 5, 5):
        reserve({"MUG-BLUE": pieces})

    assert told(published) == []


def test_a_new_level_is_told_if_something_lies_there(published: Published) -> None:
    StockLevel(sku="FULL", on_hand=1).save()
    StockLevel(sku="EMPTY", on_hand=0).save()

    assert told(published) == [("FULL", True)]


def test_shoppers_see_what_can_be_had(lamps: StockLevel, mugs: StockLevel, drain_all: Callable[[], None]) -> None:
    drain_all()
    assert shown() == {"LAMP-BLACK": True, "MUG-BLUE": True}

    reserve({"LAMP-BLACK": 1})
    drain_all()

    assert shown() == {"LAMP-BLACK": False, "MUG-BLUE": True}
    assert not Delivery.objects.filter(handler="inventory.show_availability").exists()


def test_only_what_orders_are_served_from_counts(drain_all: Callable[[], None]) -> None:
    StockLevel(sku="CAP", location="annex", on_hand=3).save()
    drain_all()
    assert shown() == {}

    StockLevel(sku="CAP", on_hand=0).save()
    services.show_availability(skus={"CAP"})

    assert shown() == {"CAP": False}


def test_news_heard_twice_and_late_shows_what_is_so_now(lamps: StockLevel) -> None:
    reserve({"LAMP-BLACK": 1})
    yesterdays = AvailabilityChanged(sku="LAMP-BLACK", location="main", available=True)

    for _ in range(2):
        show_availability([yesterdays, yesterdays])

    assert shown() == {"LAMP-BLACK": False}
