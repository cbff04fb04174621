from functools import partial
from uuid import UUID, uuid4

import pytest

from inventory.models import StockLevel
from orders import services
from orders.events import OrderCancelled, OrderConfirmed
from orders.models import Order, Party, Reason, Status
from shop.users.models import User
from tests.conftest import Published
from tests.crowds import together
from tests.shopping import confirm, place


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    return place(ada, {"MUG-BLUE": 2})


def _cancel(order_id: UUID, reason: str = Reason.CUSTOMER_REQUEST, by: Party = Party.CUSTOMER) -> Order | None:
    try:
        return services.cancel_on_request(order_id=order_id, reason=reason, by=by)
    except services.NotCancellable:
        return None


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_customer_cancels_what_is_placed_or_confirmed(
    confirmed: bool,  # noqa: FBT001
    order: Order,
    published: Published,
) -> None:
    if confirmed:
        confirm(order)

    cancelled = _cancel(order.pk)

    order.refresh_from_db()
    assert cancelled == order
    assert (order.status, order.cancellation_reason, order.cancelled_by) == (
        "cancelled",
        "customer_request",
        "customer",
    )
    assert order.cancelled_at is not None
    assert published.of(OrderCancelled) == [OrderCancelled.of(order)]


def test_staff_cancel_for_a_reason_of_their_own(order: Order, published: Published) -> None:
    _cancel(order.pk, "wrong_price", Party.STAFF)

    (event,) = published.of(OrderCancelled)
    assert (event.reason, event.cancelled_by) == ("wrong_price", "staff")


@pytest.mark.django_db(transaction=True)
def test_what_is_cancelled_already_stays_as_it_was(order: Order, published: Published) -> None:
    services.cancel(orders={order.pk: Reason.OUT_OF_STOCK})

    with pytest.raises(services.NotCancellable) as refusal:
        services.cancel_on_request(order_id=order.pk, reason="customer_request", by=Party.CUSTOMER)

    assert refusal.value.order.allowed_transitions == []
    order.refresh_from_db()
    assert (order.cancellation_reason, order.cancelled_by, order.version) == ("out_of_stock", "system", 2)
    assert len(published.of(OrderCancelled)) == 1


@pytest.mark.django_db(transaction=True)
def test_an_order_that_nobody_knows_cannot_be_cancelled() -> None:
    with pytest.raises(Order.DoesNotExist):
        services.cancel_on_request(order_id=uuid4(), reason="customer_request", by=Party.CUSTOMER)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_cancel_at_once_one_does(order: Order, published: Published) -> None:
    answers = together(*[partial(_cancel, order.pk)] * 8)

    assert len([answer for answer in answers if answer]) == 1
    assert len(published.of(OrderCancelled)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_customer_who_cancels_while_the_order_is_being_confirmed_is_obeyed(
    order: Order, published: Published
) -> None:
    together(partial(confirm, order, paid=False), partial(_cancel, order.pk))

    order.refresh_from_db()
    assert (order.status, order.cancellation_reason) == (Status.CANCELLED, "customer_request")
    assert len(published.of(OrderCancelled)) == 1
    assert len(published.of(OrderConfirmed)) <= 1
