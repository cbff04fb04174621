from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from uuid_utils.compat import uuid7

from inventory.models import Adjustment, Reservation, ReservationLine, State, StockLevel
from shop.states import bulk_save
from shop.users.models import User


@pytest.fixture
def held(mugs: StockLevel) -> Reservation:
    """Two mugs are held for an order."""
    reservation = Reservation(order_id=uuid7(), state=State.HELD, expires_at=datetime.now(UTC))
    reservation.save()
    ReservationLine(reservation=reservation, sku="MUG-BLUE", quantity=2).save()
    return reservation


def test_available_is_what_lies_there_and_is_not_held() -> None:
    level = StockLevel(sku="MUG-BLUE", on_hand=20, reserved=3)

    assert level.available == 17
    assert str(level) == "MUG-BLUE@main: 17 of 20"


@pytest.mark.parametrize(("state", "holds"), [(state, state in {"held", "committed"}) for state in State])
def test_only_held_and_committed_reservations_hold(state: State, holds: bool) -> None:  # noqa: FBT001
    assert Reservation(state=state).holds is holds


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("reserved = on_hand + 1", "stock_never_oversold"),
        ("reserved = reserved - 1", "stock_never_oversold|reserved_check"),
        ("on_hand = -1", "on_hand_check|stock_never_oversold"),
        ("reserved = 5, on_hand = 4", "stock_never_oversold"),
        ("sku = NULL", "null value"),
        ("version = -1", "version_check"),
    ],
)
def test_the_database_refuses_a_level_that_is_oversold_or_negative(change: str, guard: str, mugs: StockLevel) -> None:
    with pytest.raises(IntegrityError, match=guard), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE inventory_stocklevel SET {change}")


def test_the_orm_cannot_oversell_either(mugs: StockLevel) -> None:
    mugs.reserved = 21

    with pytest.raises(IntegrityError, match="stock_never_oversold"), transaction.atomic():
        bulk_save([mugs])


def test_the_database_knows_each_sku_once_per_place(mugs: StockLevel) -> None:
    with pytest.raises(IntegrityError, match="stock_once_per_place"), transaction.atomic():
        StockLevel(sku="MUG-BLUE", on_hand=1).save()


def test_a_sku_may_lie_at_several_places(mugs: StockLevel) -> None:
    StockLevel(sku="MUG-BLUE", location="annex", on_hand=1).save()

    assert StockLevel.objects.filter(sku="MUG-BLUE").count() == 2


def test_the_database_refuses_a_hold_without_end(held: Reservation) -> None:
    with (
        pytest.raises(IntegrityError, match="reservation_held_until_some_time"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE inventory_reservation SET expires_at = NULL")


def test_the_database_knows_one_reservation_per_order(held: Reservation) -> None:
    with pytest.raises(IntegrityError, match="order_id"), transaction.atomic():
        Reservation(order_id=held.order_id, state=State.CLOSED).save()


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("quantity = 0", "reservation_line_has_pieces"),
        ("quantity = -2", "quantity_check|reservation_line_has_pieces"),
        ("shipped = 3", "reservation_line_never_overshipped"),
        ("shipped = -1", "shipped_check"),
    ],
)
def test_the_database_refuses_a_reservation_line_without_pieces(change: str, guard: str, held: Reservation) -> None:
    with pytest.raises(IntegrityError, match=guard), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE inventory_reservationline SET {change}")


def test_the_database_refuses_a_sku_twice_in_a_reservation(held: Reservation) -> None:
    with pytest.raises(IntegrityError, match="reservation_line_once"), transaction.atomic():
        ReservationLine(reservation=held, sku="MUG-BLUE", quantity=1).save()


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("delta = 0", "adjustment_changes_something"),
        ("reason = ''", "adjustment_has_its_reason"),
        ("on_hand = -1", "on_hand_check"),
    ],
)
def test_the_database_refuses_an_adjustment_of_nothing_or_for_no_reason(change: str, guard: str, ada: User) -> None:
    adjustment = Adjustment(sku="MUG-BLUE", location="main", delta=1, on_hand=1, reason="Found", adjusted_by=ada)
    adjustment.save()

    assert str(adjustment) == "+1 MUG-BLUE@main: Found"
    with pytest.raises(IntegrityError, match=guard), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE inventory_adjustment SET {change}")
