"""Whatever order the queues are worked on in, in this process and without bells: the stories end the same."""

import random
from collections.abc import Callable
from itertools import permutations

import pytest
from django.db import connection
from pytest_django import Settings

from inventory.models import StockLevel
from orders.models import Order
from shop.bus.tasks import drain
from shop.users.models import User
from tests.books import Balance, balance
from tests.flows import audit
from tests.flows.conftest import ask
from tests.shopping import IS_DECLINED, place

pytestmark = pytest.mark.django_db(transaction=True)

_QUEUES = ("orders", "payments", "payments.out", "inventory")


@pytest.fixture
def stories(ada: User, mugs: StockLevel, lamps: StockLevel, settings: Settings) -> Callable[[], None]:
    """Three orders that go well, a declined one, and two for the last lamp, one of which is too late."""
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"
    settings.BUS_SLOTS = {"payments.out": 4}

    def begin() -> None:
        for _ in range(3):
            place(ada, {"MUG-BLUE": 2})
        place(ada, {"MUG-BLUE": 1}, method=IS_DECLINED)
        place(ada, {"LAMP-BLACK": 1})
        place(ada, {"LAMP-BLACK": 1, "MUG-BLUE": 1})

    return begin


@pytest.mark.parametrize("order", list(permutations(_QUEUES)), ids=" ".join)
def test_the_stories_end_the_same_in_whatever_order_the_queues_are_drained(
    order: tuple[str, ...], stories: Callable[[], None], drain_all: Callable[[], None]
) -> None:
    stories()

    _drain(lambda: order)
    drain_all()  # those who only listen: what they do is told to nobody

    _assert_ended_well()


@pytest.mark.parametrize("seed", range(5))
def test_the_stories_end_the_same_with_queues_drained_at_random_and_only_now_and_then(
    seed: int, stories: Callable[[], None], drain_all: Callable[[], None]
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a schedule that can be had again
    stories()

    _drain(lambda: (chance.choice(_QUEUES),))
    drain_all()

    _assert_ended_well()


def _drain(next_queues: Callable[[], tuple[str, ...]]) -> None:
    while _something_is_due():
        for queue in next_queues():
            drain.run(queue)


def _something_is_due() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM bus_delivery WHERE due_at <= shop_now() AND queue = ANY(%s))", [list(_QUEUES)]
        )
        return bool(cursor.fetchone()[0])


def _assert_ended_well() -> None:
    assert audit.broken(ask) == {}
    assert sorted(Order.objects.values_list("status", "cancellation_reason")) == [
        ("cancelled", "out_of_stock"),
        ("cancelled", "payment_declined"),
        ("confirmed", ""),
        ("confirmed", ""),
        ("confirmed", ""),
        ("confirmed", ""),
    ]
    assert balance() == Balance(taken=3 * 2400 + 5900)
