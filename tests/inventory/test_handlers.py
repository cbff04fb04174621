from datetime import timedelta
from threading import Event as Signal
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from inventory.events import StockChanged, StockRejected, StockReleased, StockReserved
from inventory.models import Reservation, State, StockLevel
from shop.bus.models import DeadLetter, Delivery
from shop.bus.reading import due
from shop.bus.tasks import drain
from tests.conftest import Clock, Published
from tests.crowds import together
from tests.news import order_cancelled, order_confirmed, order_placed, order_shipped, tell

pytestmark = pytest.mark.django_db(transaction=True)

_HOLD = timedelta(minutes=90)


def _state_of(order_id: UUID) -> str:
    return Reservation.objects.get(order_id=order_id).state


def _reserved(sku: str = "MUG-BLUE") -> int:
    return StockLevel.objects.get(sku=sku).reserved


def test_a_placed_order_is_held_and_heard_twice_held_once(mugs: StockLevel, published: Published) -> None:
    placed = order_placed(uuid4(), {"MUG-BLUE": 2})

    for _ in range(2):
        tell(placed)
        drain.run("inventory")

    assert _reserved() == 2
    assert len(published.of(StockReserved)) == 1


def test_a_placed_order_told_twice_in_one_batch_is_held_once(mugs: StockLevel) -> None:
    placed = order_placed(uuid4(), {"MUG-BLUE": 2})

    tell(placed, placed)
    drain.run("inventory")

    assert _reserved() == 2


def test_a_confirmed_order_keeps_its_stock_for_ever(mugs: StockLevel, clock: Clock) -> None:
    order_id = uuid4()
    tell(order_placed(order_id), order_confirmed(order_id), order_confirmed(order_id))
    drain.run("inventory")

    clock.forward(timedelta(days=30))
    drain.run("inventory")

    assert (_state_of(order_id), _reserved()) == (State.COMMITTED, 1)


def test_a_cancelled_order_gives_back_its_stock_once(mugs: StockLevel, published: Published) -> None:
    other, order_id = uuid4(), uuid4()
    tell(order_placed(other), order_placed(order_id))
    drain.run("inventory")

    for _ in range(2):
        tell(order_cancelled(order_id))
        drain.run("inventory")

    assert (_state_of(order_id), _reserved()) == (State.RELEASED, 1)
    assert len(published.of(StockReleased)) == 1


def test_a_cancellation_that_overtakes_the_order_leaves_nothing_held(mugs: StockLevel, published: Published) -> None:
    order_id = uuid4()

    tell(order_cancelled(order_id))
    drain.run("inventory")
    tell(order_placed(order_id))
    drain.run("inventory")

    assert (_state_of(order_id), _reserved()) == (State.CLOSED, 0)
    assert published.of(StockReserved, StockRejected, StockReleased) == []


def test_a_shipped_order_is_taken_out_and_heard_twice_taken_out_once(mugs: StockLevel) -> None:
    order_id = uuid4()
    shipped = order_shipped(order_id, {"MUG-BLUE": 2})
    tell(order_placed(order_id, {"MUG-BLUE": 2}), order_confirmed(order_id))
    drain.run("inventory")

    for _ in range(2):
        tell(shipped)
        drain.run("inventory")

    mugs.refresh_from_db()
    assert (_state_of(order_id), mugs.on_hand, mugs.reserved) == (State.SHIPPED, 18, 0)


# --- The end of a hold --------------------------------------------------------------------------------------


def test_a_hold_ends_by_itself_when_its_time_is_over(mugs: StockLevel, clock: Clock, published: Published) -> None:
    order_id = uuid4()
    tell(order_placed(order_id, {"MUG-BLUE": 2}))
    drain.run("inventory")

    clock.forward(_HOLD + timedelta(seconds=5))
    drain.run("inventory")

    assert (_state_of(order_id), _reserved()) == (State.RELEASED, 0)
    assert len(published.of(StockReleased)) == 1


def test_a_hold_is_over_at_the_very_moment_in_which_one_looks(mugs: StockLevel) -> None:
    order_id = uuid4()
    tell(order_placed(order_id))
    drain.run("inventory")

    look = Delivery.objects.get(handler="inventory.release_expired_hold")
    assert Reservation.objects.get(order_id=order_id).expires_at == look.due_at


def test_the_end_of_a_hold_goes_by_the_clock_of_the_database(mugs: StockLevel, clock: Clock) -> None:
    clock.forward(timedelta(minutes=-10))
    order_id = uuid4()
    tell(order_placed(order_id))
    drain.run("inventory")

    clock.forward(_HOLD + timedelta(seconds=5))
    drain.run("inventory")

    assert (_state_of(order_id), _reserved()) == (State.RELEASED, 0)


# --- Many at once -------------------------------------------------------------------------------------------


def test_a_batch_of_a_hundred_orders_for_twenty_pieces_serves_the_first_twenty(
    mugs: StockLevel, published: Published
) -> None:
    orders = [uuid4() for _ in range(100)]

    tell(*(order_placed(order_id) for order_id in orders))
    drain.run("inventory")

    states = [_state_of(order_id) for order_id in orders]
    assert states == ["held"] * 20 + ["rejected"] * 80
    assert sum(event.reserved_change for event in published.of(StockChanged)) == 20


def test_two_drains_at_once_sell_the_last_pieces_once(mugs: StockLevel, lamps: StockLevel, settings: Settings) -> None:
    settings.BUS_LANES = {"inventory": 4}
    orders = [uuid4() for _ in range(100)]
    over = Signal()

    def keep_draining() -> None:
        while not over.is_set():
            drain.run("inventory")

    def tell_all() -> None:
        for order_id in orders:
            tell(order_placed(order_id, {"MUG-BLUE": 1} if order_id.int % 2 else {"LAMP-BLACK": 1, "MUG-BLUE": 1}))
        for order_id in orders[::3]:
            tell(order_cancelled(order_id))
        over.set()

    together(tell_all, *[keep_draining] * 3)
    drain.run("inventory")

    held = Reservation.objects.filter(state=State.HELD)
    assert due("inventory") == Delivery.objects.filter(handler="inventory.release_expired_hold").count()
    assert not DeadLetter.objects.exists()
    assert _reserved("MUG-BLUE") == held.count() <= 20
    assert _reserved("LAMP-BLACK") == held.filter(lines__sku="LAMP-BLACK").count() <= 1
    assert Reservation.objects.count() == 100
