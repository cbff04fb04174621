from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from inventory import services
from inventory.events import Lack, StockChanged, StockLow, StockRejected, StockReleased, StockReserved
from inventory.models import Cause, Movement, Reservation, ReservationLine, State, StockLevel
from inventory.services import Parcel, Wanted
from tests.conftest import Clock, Published
from tests.crowds import together

HOLD = timedelta(minutes=90)


def wanted(order_id: UUID, quantities: Mapping[str, int]) -> Wanted:
    return Wanted(order_id=order_id, quantities=quantities, expires_at=datetime.now(UTC) + HOLD)


def reserve(quantities: Mapping[str, int]) -> UUID:
    order_id = uuid4()
    services.reserve(orders=[wanted(order_id, quantities)])
    return order_id


def reserved(sku: str = "MUG-BLUE") -> int:
    return StockLevel.objects.get(sku=sku).reserved


def state_of(order_id: UUID) -> str:
    return Reservation.objects.get(order_id=order_id).state


# --- Reserving ----------------------------------------------------------------------------------------------


def test_reserving_holds_every_line_and_tells_until_when(
    mugs: StockLevel, lamps: StockLevel, published: Published
) -> None:
    order_id = reserve({"MUG-BLUE": 3, "LAMP-BLACK": 1})

    assert (reserved("MUG-BLUE"), reserved("LAMP-BLACK")) == (3, 1)
    held = Reservation.objects.get(order_id=order_id)
    assert held.state == State.HELD
    assert published.of(StockReserved) == [StockReserved.of(held)]
    assert sorted(held.lines.values_list("sku", "quantity")) == [("LAMP-BLACK", 1), ("MUG-BLUE", 3)]


def test_an_order_of_which_one_line_is_lacking_holds_nothing(
    mugs: StockLevel, lamps: StockLevel, published: Published
) -> None:
    order_id = reserve({"MUG-BLUE": 3, "LAMP-BLACK": 2})

    assert (reserved("MUG-BLUE"), reserved("LAMP-BLACK")) == (0, 0)
    assert state_of(order_id) == State.REJECTED
    assert [event.lacking for event in published.of(StockRejected)] == [
        (Lack(sku="LAMP-BLACK", wanted=2, available=1),)
    ]
    assert published.of(StockChanged, StockReserved) == []


def test_a_sku_that_nobody_has_heard_of_is_lacking(mugs: StockLevel, published: Published) -> None:
    order_id = reserve({"UNHEARD-OF": 1, "MUG-BLUE": 1})

    assert state_of(order_id) == State.REJECTED
    assert [event.lacking for event in published.of(StockRejected)] == [
        (Lack(sku="UNHEARD-OF", wanted=1, available=0),)
    ]


def test_the_last_pieces_may_all_be_reserved_and_not_one_more(mugs: StockLevel) -> None:
    first, second = reserve({"MUG-BLUE": 20}), reserve({"MUG-BLUE": 1})

    assert (state_of(first), state_of(second)) == (State.HELD, State.REJECTED)
    assert reserved() == 20


def test_in_one_batch_who_comes_first_is_served_first(mugs: StockLevel) -> None:
    orders = [wanted(uuid4(), {"MUG-BLUE": pieces}) for pieces in (15, 6, 5, 1)]

    services.reserve(orders=orders)

    assert [state_of(order.order_id) for order in orders] == ["held", "rejected", "held", "rejected"]
    assert reserved() == 20


def test_reserving_twice_for_an_order_reserves_once(mugs: StockLevel, published: Published) -> None:
    order = wanted(uuid4(), {"MUG-BLUE": 2})

    services.reserve(orders=[order])
    services.reserve(orders=[order])

    assert reserved() == 2
    assert len(published.of(StockReserved)) == 1


def test_an_order_named_twice_in_one_batch_is_reserved_once(mugs: StockLevel) -> None:
    order = wanted(uuid4(), {"MUG-BLUE": 2})

    services.reserve(orders=[order, order])

    assert reserved() == 2
    assert ReservationLine.objects.count() == 1


def test_a_rejected_order_stays_rejected_when_stock_is_back(lamps: StockLevel, published: Published) -> None:
    order = wanted(uuid4(), {"LAMP-BLACK": 2})
    services.reserve(orders=[order])
    level = StockLevel.objects.get(sku="LAMP-BLACK")
    level.on_hand = 10
    level.save()

    services.reserve(orders=[order])

    assert state_of(order.order_id) == State.REJECTED
    assert len(published.of(StockRejected)) == 1


# --- Committing, releasing, expiring ------------------------------------------------------------------------


def test_a_committed_hold_stays_and_changes_no_level(mugs: StockLevel, published: Published) -> None:
    order_id = reserve({"MUG-BLUE": 2})

    services.commit(order_ids=[order_id])
    services.commit(order_ids=[order_id])

    assert (state_of(order_id), reserved()) == (State.COMMITTED, 2)
    assert len(published.of(StockChanged)) == 1


def test_committing_an_order_that_nobody_knows_makes_nothing(mugs: StockLevel) -> None:
    services.commit(order_ids=[uuid4()])

    assert not Reservation.objects.exists()


@pytest.mark.parametrize("committed", [False, True])
def test_releasing_gives_back_what_was_held_once(committed: bool, mugs: StockLevel, published: Published) -> None:  # noqa: FBT001
    other, order_id = reserve({"MUG-BLUE": 5}), reserve({"MUG-BLUE": 2})
    if committed:
        services.commit(order_ids=[order_id])

    services.release(order_ids=[order_id])
    services.release(order_ids=[order_id])

    assert (state_of(order_id), state_of(other)) == (State.RELEASED, State.HELD)
    assert reserved() == 5
    assert len(published.of(StockReleased)) == 1


def test_releasing_an_order_named_twice_in_one_batch_gives_back_once(mugs: StockLevel) -> None:
    reserve({"MUG-BLUE": 5})
    order_id = reserve({"MUG-BLUE": 2})

    services.release(order_ids=[order_id, order_id])

    assert reserved() == 5


def test_releasing_a_rejected_order_gives_back_nothing(lamps: StockLevel, published: Published) -> None:
    order_id = reserve({"LAMP-BLACK": 2})

    services.release(order_ids=[order_id])

    assert state_of(order_id) == State.REJECTED
    assert published.of(StockReleased, StockChanged) == []


def test_a_release_before_the_reserve_leaves_a_tombstone_that_the_reserve_respects(
    mugs: StockLevel, published: Published
) -> None:
    order = wanted(uuid4(), {"MUG-BLUE": 2})

    services.release(order_ids=[order.order_id])
    services.reserve(orders=[order])
    services.commit(order_ids=[order.order_id])

    assert (state_of(order.order_id), reserved()) == (State.CLOSED, 0)
    assert published == []


def test_what_was_released_can_be_held_for_another(lamps: StockLevel) -> None:
    first = reserve({"LAMP-BLACK": 1})
    services.release(order_ids=[first])

    second = reserve({"LAMP-BLACK": 1})

    assert (state_of(second), reserved("LAMP-BLACK")) == (State.HELD, 1)


def test_a_hold_whose_time_is_over_is_released(mugs: StockLevel, clock: Clock, published: Published) -> None:
    order_id = reserve({"MUG-BLUE": 2})
    clock.forward(HOLD + timedelta(seconds=5))

    services.expire(order_ids=[order_id])

    assert (state_of(order_id), reserved()) == (State.RELEASED, 0)
    assert len(published.of(StockReleased)) == 1


def test_a_hold_does_not_expire_before_its_time(mugs: StockLevel, clock: Clock) -> None:
    order_id = reserve({"MUG-BLUE": 2})
    clock.forward(HOLD - timedelta(seconds=30))

    services.expire(order_ids=[order_id])

    assert (state_of(order_id), reserved()) == (State.HELD, 2)


def test_a_committed_hold_never_expires(mugs: StockLevel, clock: Clock) -> None:
    order_id = reserve({"MUG-BLUE": 2})
    services.commit(order_ids=[order_id])
    clock.forward(timedelta(days=365))

    services.expire(order_ids=[order_id])

    assert (state_of(order_id), reserved()) == (State.COMMITTED, 2)


# --- Taking out what was shipped ----------------------------------------------------------------------------


def take_out(order_id: UUID, quantities: Mapping[str, int], shipment_id: UUID | None = None) -> Parcel:
    parcel = Parcel(source=shipment_id or uuid4(), order_id=order_id, quantities=quantities)
    services.take_out(parcels=[parcel])
    return parcel


def lies(sku: str = "MUG-BLUE") -> tuple[int, int]:
    level = StockLevel.objects.get(sku=sku)
    return level.on_hand, level.reserved


def test_what_was_shipped_lies_here_no_more_and_is_no_longer_held(mugs: StockLevel, published: Published) -> None:
    other, order_id = reserve({"MUG-BLUE": 5}), reserve({"MUG-BLUE": 2})
    services.commit(order_ids=[order_id])

    take_out(order_id, {"MUG-BLUE": 2})

    assert lies() == (18, 5)
    assert (state_of(order_id), state_of(other)) == (State.SHIPPED, State.HELD)
    told = published.of(StockChanged)[-1]
    assert (told.on_hand_change, told.reserved_change) == (-2, -2)


def test_an_order_that_leaves_in_parts_is_held_for_what_is_left_of_it(mugs: StockLevel, lamps: StockLevel) -> None:
    order_id = reserve({"MUG-BLUE": 3, "LAMP-BLACK": 1})
    services.commit(order_ids=[order_id])

    take_out(order_id, {"MUG-BLUE": 2})
    assert (lies("MUG-BLUE"), lies("LAMP-BLACK"), state_of(order_id)) == ((18, 1), (1, 1), State.COMMITTED)
    take_out(order_id, {"MUG-BLUE": 1})
    take_out(order_id, {"LAMP-BLACK": 1})

    assert (lies("MUG-BLUE"), lies("LAMP-BLACK"), state_of(order_id)) == ((17, 0), (0, 0), State.SHIPPED)


def test_a_parcel_heard_of_twice_is_taken_out_once(mugs: StockLevel) -> None:
    order_id = reserve({"MUG-BLUE": 2})

    parcel = take_out(order_id, {"MUG-BLUE": 1})
    services.take_out(parcels=[parcel, parcel])

    assert lies() == (19, 1)
    assert [each.delta for each in Movement.objects.filter(order_id=order_id)] == [-1]


def test_a_parcel_that_overtakes_its_confirmation_keeps_what_is_left_from_expiring(
    mugs: StockLevel, clock: Clock
) -> None:
    order_id = reserve({"MUG-BLUE": 2})
    take_out(order_id, {"MUG-BLUE": 1})
    clock.forward(HOLD + timedelta(days=1))

    services.expire(order_ids=[order_id])
    services.commit(order_ids=[order_id])

    assert (state_of(order_id), lies()) == (State.COMMITTED, (19, 1))


def test_what_left_without_being_held_is_taken_from_what_is_available(mugs: StockLevel) -> None:
    released, unheard = reserve({"MUG-BLUE": 2}), uuid4()
    services.release(order_ids=[released])

    take_out(released, {"MUG-BLUE": 2})
    take_out(unheard, {"MUG-BLUE": 3})
    services.reserve(orders=[wanted(unheard, {"MUG-BLUE": 3})])

    assert lies() == (15, 0)
    assert (state_of(released), state_of(unheard)) == (State.RELEASED, State.SHIPPED)


@pytest.mark.django_db(transaction=True)
def test_what_is_held_for_others_is_never_taken_out(mugs: StockLevel) -> None:
    reserve({"MUG-BLUE": 20})

    with pytest.raises(IntegrityError, match="stock_never_oversold"):
        take_out(uuid4(), {"MUG-BLUE": 1})

    assert lies() == (20, 20)
    assert not Movement.objects.filter(cause=Cause.SHIPPED).exists()


def test_releasing_what_has_left_in_part_gives_back_the_rest(mugs: StockLevel) -> None:
    order_id = reserve({"MUG-BLUE": 3})
    take_out(order_id, {"MUG-BLUE": 2})

    services.release(order_ids=[order_id])

    assert (state_of(order_id), lies()) == (State.RELEASED, (18, 0))


# --- What is told of stock ----------------------------------------------------------------------------------


def test_stock_changed_is_told_once_per_sku_with_the_net_change(
    mugs: StockLevel, lamps: StockLevel, published: Published
) -> None:
    orders = [wanted(uuid4(), {"MUG-BLUE": 2, "LAMP-BLACK": 1}), wanted(uuid4(), {"MUG-BLUE": 3})]

    services.reserve(orders=orders)

    told = {event.sku: event for event in published.of(StockChanged)}
    assert len(published.of(StockChanged)) == 2
    mug, lamp = told["MUG-BLUE"], told["LAMP-BLACK"]
    assert (mug.on_hand, mug.reserved, mug.on_hand_change, mug.reserved_change) == (20, 5, 0, 5)
    assert (lamp.on_hand, lamp.reserved, lamp.on_hand_change, lamp.reserved_change) == (1, 1, 0, 1)


def test_a_batch_that_leaves_a_level_as_it_was_tells_nothing_of_it(lamps: StockLevel, published: Published) -> None:
    services.reserve(orders=[wanted(uuid4(), {"LAMP-BLACK": 9})])

    assert published.of(StockChanged) == []
    assert StockLevel.objects.get(sku="LAMP-BLACK").version == lamps.version


def test_stock_that_is_laid_on_the_shelf_is_told(mugs: StockLevel, published: Published) -> None:
    mugs.on_hand += 30

    mugs.save()

    (event,) = published
    assert isinstance(event, StockChanged)
    assert (event.on_hand, event.on_hand_change, event.reserved_change) == (50, 30, 0)


# --- Many at once -------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_hundred_orders_from_ten_threads_never_oversell(mugs: StockLevel, lamps: StockLevel) -> None:
    def buy() -> None:
        for _ in range(5):
            reserve({"LAMP-BLACK": 1, "MUG-BLUE": 1})
            reserve({"MUG-BLUE": 1})

    together(*[buy] * 10)

    assert (reserved("MUG-BLUE"), reserved("LAMP-BLACK")) == (20, 1)
    assert Reservation.objects.filter(state=State.REJECTED).count() == 100 - 20
    assert ReservationLine.objects.filter(reservation__state=State.HELD, sku="MUG-BLUE").count() == 20


@pytest.mark.django_db(transaction=True)
def test_orders_that_come_and_go_at_once_leave_the_level_where_it_was(mugs: StockLevel) -> None:
    def come_and_go() -> None:
        for _ in range(10):
            order_id = reserve({"MUG-BLUE": 2})
            services.release(order_ids=[order_id])

    together(*[come_and_go] * 4)

    assert reserved() == 0
    assert not Reservation.objects.filter(state=State.HELD).exists()


@pytest.mark.django_db(transaction=True)
def test_one_order_reserved_and_released_at_the_same_time_holds_nothing(mugs: StockLevel) -> None:
    orders = [wanted(uuid4(), {"MUG-BLUE": 1}) for _ in range(20)]

    together(
        *(partial(_insist, partial(services.reserve, orders=[order])) for order in orders),
        *(partial(_insist, partial(services.release, order_ids=[order.order_id])) for order in reversed(orders)),
    )

    assert reserved() == 0
    assert {state_of(order.order_id) for order in orders} <= {State.RELEASED, State.CLOSED}


def _insist(deed: Callable[[], None]) -> None:
    """Who loses the race to write the reservation tries again, as the bus would."""
    try:
        deed()
    except IntegrityError:
        deed()


# --- Goods that came back, and stock that runs low -----------------------------------------------------------


def restock(order_id: UUID, quantities: Mapping[str, int], return_id: UUID | None = None) -> Parcel:
    parcel = Parcel(source=return_id or uuid4(), order_id=order_id, quantities=quantities)
    services.restock(parcels=[parcel])
    return parcel


def test_what_came_back_lies_here_again_once_however_often_that_is_heard(mugs: StockLevel) -> None:
    parcel = restock(uuid4(), {"MUG-BLUE": 2})

    services.restock(parcels=[parcel, parcel])

    assert lies() == (22, 0)
    assert [each.delta for each in Movement.objects.filter(cause=Cause.RETURNED)] == [2]


def test_what_came_back_of_a_sku_that_has_no_level_gets_one(db: None) -> None:
    restock(uuid4(), {"MUG-RED": 2})

    assert lies("MUG-RED") == (2, 0)


def test_a_hold_lasts_longer_while_its_customer_acts_and_never_shorter(mugs: StockLevel, clock: Clock) -> None:
    order_id = reserve({"MUG-BLUE": 2})
    before = Reservation.objects.get(order_id=order_id).expires_at
    assert before is not None

    services.hold_longer(order_ids=[order_id], until=before - timedelta(hours=1))
    assert Reservation.objects.get(order_id=order_id).expires_at == before
    services.hold_longer(order_ids=[order_id, uuid4()], until=before + timedelta(hours=1))
    clock.forward(HOLD + timedelta(minutes=30))
    services.expire(order_ids=[order_id])

    assert state_of(order_id) == State.HELD


def test_stock_that_runs_low_is_told_once_per_crossing(mugs: StockLevel, published: Published) -> None:
    services.mind(sku="MUG-BLUE", low_at=5)

    for _ in range(2):
        order_id = reserve({"MUG-BLUE": 14})
        reserve({"MUG-BLUE": 1})
        more = reserve({"MUG-BLUE": 1})
        services.release(order_ids=[order_id, more])

    assert [(told.available, told.threshold) for told in published.of(StockLow)] == [(5, 5)] * 2


def test_stock_that_nobody_minds_is_never_low(mugs: StockLevel, published: Published) -> None:
    reserve({"MUG-BLUE": 20})

    assert published.of(StockLow) == []
