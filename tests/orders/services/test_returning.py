"""Taking goods back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from inventory.models import StockLevel
from orders import services
from orders.events import OrderReturned
from orders.models import Order, Return, ReturnStatus
from orders.services import NewLine, ReturnedPieces
from shop.money import Money
from shop.users.models import User
from tests.conftest import Published
from tests.shopping import confirm, place

Ends = Callable[..., Any]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(ada: User, mugs: StockLevel, lamps: StockLevel) -> Order:
    """Three mugs at 12.00 and a lamp at 59.00 EUR, delivered."""
    order = confirm(place(ada, {"MUG-BLUE": 3, "LAMP-BLACK": 1}))
    shipment = services.ship(order_id=order.pk, carrier="Pigeon Post")
    services.deliver(order_id=order.pk, shipment_id=shipment.pk)
    order.refresh_from_db()
    return order


def mugs_back(quantity: int, *, restock: bool = True) -> ReturnedPieces:
    return ReturnedPieces(sku="MUG-BLUE", quantity=quantity, restock=restock)


def announce(order: Order, quantity: int = 2) -> Return:
    return services.request_return(order_id=order.pk, lines=[NewLine(sku="MUG-BLUE", quantity=quantity)])


def counts(order: Order) -> list[int]:
    return list(order.lines.values_list("returned", flat=True))


def test_what_is_announced_gives_nothing_back_before_it_is_here(order: Order, published: Published) -> None:
    returned = announce(order)

    assert (returned.status, returned.refund, counts(order)) == (ReturnStatus.REQUESTED, 0, [0, 0])
    assert published == []


def test_what_was_announced_and_is_here_is_told_with_what_goes_back_for_it(order: Order, published: Published) -> None:
    returned = announce(order)

    services.receive_return(order_id=order.pk, return_id=returned.pk)

    order.refresh_from_db()
    assert (order.status, order.return_status, counts(order)) == ("delivered", "partial", [2, 0])
    (told,) = published.of(OrderReturned)
    assert (told.return_id, told.refund, told.complete) == (returned.pk, Money(2400, "EUR"), False)
    assert [(line.sku, line.quantity, line.restock) for line in told.lines] == [("MUG-BLUE", 2, True)]


def test_what_is_here_may_differ_from_what_was_announced(order: Order, published: Published) -> None:
    returned = announce(order, 3)

    services.receive_return(order_id=order.pk, return_id=returned.pk, pieces=[mugs_back(1, restock=False)], refund=600)

    (told,) = published.of(OrderReturned)
    assert [(line.quantity, line.restock) for line in told.lines] == [(1, False)]
    assert (told.refund, counts(order)) == (Money(600, "EUR"), [1, 0])


def test_an_order_of_which_all_came_back_is_returned(order: Order, published: Published) -> None:
    services.take_back(order_id=order.pk, pieces=[mugs_back(3)])
    services.take_back(order_id=order.pk, pieces=[ReturnedPieces(sku="LAMP-BLACK", quantity=1)])

    order.refresh_from_db()
    assert order.return_status == "returned"
    assert [(told.complete, told.refund.amount) for told in published.of(OrderReturned)] == [
        (False, 3600),
        (True, 5900),
    ]


@pytest.mark.parametrize("pieces", [[mugs_back(4)], []])
def test_no_more_comes_back_than_has_left(pieces: list[ReturnedPieces], order: Order, published: Published) -> None:
    with pytest.raises(services.NotReturnable) as refused:
        services.take_back(order_id=order.pk, pieces=pieces)

    assert refused.value.returnable == {"MUG-BLUE": 3, "LAMP-BLACK": 1}
    assert published == []
    assert not Return.objects.exists()


def test_what_has_not_left_does_not_come_back(ada: User, mugs: StockLevel) -> None:
    order = confirm(place(ada, {"MUG-BLUE": 3}))

    with pytest.raises(services.NotReturnable) as refused:
        announce(order)

    assert refused.value.returnable == {"MUG-BLUE": 0}


def test_what_came_back_does_not_come_back_again(order: Order) -> None:
    services.take_back(order_id=order.pk, pieces=[mugs_back(2)])

    with pytest.raises(services.NotReturnable) as refused:
        services.take_back(order_id=order.pk, pieces=[mugs_back(2)])

    assert refused.value.returnable["MUG-BLUE"] == 1


def test_what_was_not_ordered_is_named_by_its_place(order: Order) -> None:
    with pytest.raises(services.NotOrdered) as refused:
        services.take_back(order_id=order.pk, pieces=[mugs_back(1), ReturnedPieces(sku="MUG-RED", quantity=1)])

    assert refused.value.places == [1]


def test_no_more_is_given_back_than_was_paid(order: Order, published: Published) -> None:
    with pytest.raises(services.RefundTooHigh) as refused:
        services.take_back(order_id=order.pk, pieces=[mugs_back(1)], refund=1201)

    assert refused.value.worth == 1200
    assert published == []
    assert counts(order) == [0, 0]


def test_one_return_is_announced_at_a_time(order: Order) -> None:
    known = announce(order)

    with pytest.raises(services.ReturnOpen) as refused:
        announce(order)

    assert refused.value.returned == known


@pytest.mark.parametrize("end", [services.receive_return, services.withdraw_return], ids=["received", "withdrawn"])
@pytest.mark.parametrize("again", [services.receive_return, services.withdraw_return], ids=["receive", "withdraw"])
def test_a_return_ends_once(end: Ends, again: Ends, order: Order, published: Published) -> None:
    returned = announce(order)
    end(order_id=order.pk, return_id=returned.pk)
    told = len(published)

    with pytest.raises(services.NotOpen):
        again(order_id=order.pk, return_id=returned.pk)

    assert len(published) == told


def test_a_return_of_another_order_is_not_found(order: Order, ada: User) -> None:
    returned, other = announce(order), place(ada, {"MUG-BLUE": 1})

    with pytest.raises(Return.DoesNotExist):
        services.receive_return(order_id=other.pk, return_id=returned.pk)
    with pytest.raises(Return.DoesNotExist):
        services.receive_return(order_id=order.pk, return_id=uuid4())


def test_a_customer_is_too_late_after_the_time_to_return_and_staff_are_not(order: Order, settings: Settings) -> None:
    settings.RETURN_TIME = timedelta(0)

    with pytest.raises(services.TooLate) as refused:
        announce(order)
    services.request_return(order_id=order.pk, lines=[NewLine(sku="MUG-BLUE", quantity=1)], in_time=False)

    assert refused.value.until <= timezone.now()
