"""Whatever order the news of an order arrives in, and however often: the stock ends the same."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from django.db import connection

from inventory.models import Reservation, State, StockLevel
from shop.bus.models import DeadLetter
from shop.bus.tasks import drain
from tests.news import order_cancelled, order_confirmed, order_placed, tell
from tests.permutations import Told, each_twice, play

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


def _assert_level_agrees(*, held: int) -> None:
    """The level says what the reservations say, and nobody's delivery was given up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(quantity), 0) FROM inventory_reservationline line"
            " JOIN inventory_reservation reservation ON reservation.id = line.reservation_id"
            " WHERE state IN ('held', 'committed')"
        )
        assert cursor.fetchone() == (held,)
    assert StockLevel.objects.get().reserved == held
    assert not DeadLetter.objects.exists()
