"""Since when handlers are noted, and from when on they are expected to have heard what is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import StockLevel
from shop.bus import subscriptions
from shop.bus.handlers import handlers
from shop.bus.models import Delivery, Subscription
from shop.doctor import examine
from shop.users.models import User
from tests.shopping import place

pytestmark = pytest.mark.django_db(transaction=True)

LATER = "inventory.reserve_stock"


def test_the_first_handlers_have_always_been_there() -> None:
    subscriptions.note()

    assert set(Subscription.objects.values_list("handler", flat=True)) == set(handlers)
    assert {noted.since.year for noted in Subscription.objects.all()} == {1970}


def test_a_handler_that_is_added_counts_from_an_hour_later_and_is_noted_once() -> None:
    subscriptions.note()
    Subscription.objects.filter(handler=LATER).delete()

    subscriptions.note()
    since = Subscription.objects.get(handler=LATER).since
    subscriptions.note()

    assert timedelta(minutes=59) < since - timezone.now() < timedelta(minutes=61)
    assert Subscription.objects.get(handler=LATER).since == since


@pytest.mark.parametrize(
    ("since", "missed"),
    [(timedelta(hours=-1), [LATER]), (timedelta(hours=1), []), (None, [])],
    ids=["noted before", "noted after", "not noted yet"],
)
def test_nobody_misses_what_was_told_before_a_handler_was_there(
    since: timedelta | None, missed: list[str], ada: User, mugs: StockLevel
) -> None:
    subscriptions.note()
    Subscription.objects.filter(handler=LATER).delete()
    if since is not None:
        Subscription.objects.create(handler=LATER, since=timezone.now() + since)
    place(ada, {"MUG-BLUE": 1})
    Delivery.objects.filter(handler=LATER).delete()

    found = [row["handler"] for each in examine(since=timezone.now() - timedelta(days=1)) for row in each.broken]

    assert found == missed
