"""Whatever order the news of an order arrives in, and however often: the stock ends the same."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from django.db import connection

from inventory.models import Reservation, State, StockLevel
from shop.bus import Event
from shop.bus.models import DeadLetter
from shop.bus.tasks import drain
from tests.news import (
    order_cancelled,
    order_confirmed,
    order_placed,
    order_returned,
    order_shipped,
    payment_action_required,
    tell,
)
from tests.permutations import Told, each_twice, one_repeated, play

pytestmark = pytest.mark.django_db(transaction=True)

_PLENTY = 100_000


@pytest.fixture
def mugs(mugs: StockLevel) -> StockLevel:
    mugs.on_hand = _PLENTY
    mugs.save()
    return mugs


def _react() -> None:
    drain.run("inventory")


_CANCELLED: list[tuple[Told, ...]] = each_twice(order_placed, order_confirmed, order_cancelled)
_PLACED_AND_CONFIRMED: list[tuple[Told, ...]] = each_twice(order_placed, order_confirmed)
_CONFIRMED = [each for each in _PLACED_AND_CONFIRMED if each[0] is order_placed]


def test_a_cancelled_order_holds_nothing_in_whatever_order_its_news_came(mugs: StockLevel) -> None:
    ids = play(_CANCELLED, _react)

    assert len(ids) == 90
    assert _states(ids) <= {State.RELEASED, State.CLOSED}
    _assert_level_agrees(held=0)


def test_a_confirmed_order_holds_its_stock_in_whatever_order_its_news_came(mugs: StockLevel) -> None:
    ids = play(_CONFIRMED, _react)

    assert len(ids) == 3
    assert _states(ids) == {State.COMMITTED}
    _assert_level_agrees(held=3)


def test_a_shipped_order_is_gone_in_whatever_order_its_news_came(mugs: StockLevel) -> None:
    ids = play(each_twice(order_placed, order_confirmed, order_shipped), _react)

    assert _states(ids) == {State.SHIPPED}
    _assert_level_agrees(held=0, gone=90)


def _two_placed(order_id: UUID) -> Event:
    return order_placed(order_id, {"MUG-BLUE": 2})


def _one_shipped(order_id: UUID) -> Event:
    return order_shipped(order_id, shipment_id=UUID(int=order_id.int ^ 1), complete=False)


def _other_shipped(order_id: UUID) -> Event:
    return order_shipped(order_id, shipment_id=UUID(int=order_id.int ^ 2))


def test_an_order_shipped_in_two_parts_is_gone_in_whatever_order_its_news_came(mugs: StockLevel) -> None:
    ids = play(one_repeated(_two_placed, order_confirmed, _one_shipped, _other_shipped), _react)

    assert len(ids) == 240
    assert _states(ids) == {State.SHIPPED}
    _assert_level_agrees(held=0, gone=480)


def test_a_cancellation_amid_parts_that_leave_holds_nothing_and_hides_nothing_that_left(mugs: StockLevel) -> None:
    """Orders never tells both; if it did, inventory would still count right."""
    ids = play(one_repeated(_two_placed, order_cancelled, _one_shipped, _other_shipped), _react)

    assert _states(ids) <= {State.SHIPPED, State.RELEASED, State.CLOSED}
    _assert_level_agrees(held=0, gone=480)


def _two_shipped(order_id: UUID) -> Event:
    return order_shipped(order_id, {"MUG-BLUE": 2})


def _one_returned(order_id: UUID) -> Event:
    return order_returned(order_id, complete=False)


def _other_returned_broken(order_id: UUID) -> Event:
    return order_returned(order_id, return_id=UUID(int=order_id.int ^ 5), restock=False)


def test_what_came_back_whole_is_in_stock_again_in_whatever_order_that_is_heard(mugs: StockLevel) -> None:
    ids = play(one_repeated(_two_placed, _two_shipped, _one_returned, _other_returned_broken), _react)

    assert len(ids) == 240
    assert _states(ids) == {State.SHIPPED}
    _assert_level_agrees(held=0, gone=240)


def test_a_customer_who_has_to_act_changes_nothing_about_how_the_stock_ends(mugs: StockLevel) -> None:
    ids = play(each_twice(order_placed, payment_action_required, order_cancelled), _react)

    assert len(ids) == 90
    assert _states(ids) <= {State.RELEASED, State.CLOSED}
    _assert_level_agrees(held=0)


@pytest.mark.parametrize("permutation", _CANCELLED[::9])
def test_news_that_arrives_in_one_batch_ends_as_if_it_had_come_one_by_one(
    permutation: tuple[Told, ...], mugs: StockLevel
) -> None:
    order_id = UUID(int=1)

    tell(*(told(order_id) for told in permutation))
    _react()

    assert _states([order_id]) <= {State.RELEASED, State.CLOSED}
    _assert_level_agrees(held=0)


def test_a_sold_out_order_holds_nothing_in_whatever_order_its_news_came(mugs: StockLevel) -> None:
    mugs.refresh_from_db()
    mugs.on_hand = 0
    mugs.save()

    ids = play(each_twice(order_placed, order_cancelled), _react)

    assert _states(ids) <= {State.REJECTED, State.CLOSED}
    _assert_level_agrees(held=0)


def _states(ids: Sequence[UUID]) -> set[str]:
    found = dict(Reservation.objects.filter(order_id__in=ids).values_list("order_id", "state"))
    assert set(found) == set(ids)
    return set(found.values())


def _assert_level_agrees(*, held: int, gone: int = 0) -> None:
    """The level says what the reservations say, and nobody's delivery was given up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(quantity - shipped), 0) FROM inventory_reservationline line"
            " JOIN inventory_reservation reservation ON reservation.id = line.reservation_id"
            " WHERE state IN ('held', 'committed')"
        )
        assert cursor.fetchone() == (held,)
    level = StockLevel.objects.get()
    assert level.reserved == held
    assert level.on_hand in {_PLENTY - gone, 0}
    assert not DeadLetter.objects.exists()
