"""In the middle of a storm: while everything is under way nothing is broken, and there is nothing to repair."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from inventory import services as inventory
from inventory.models import StockLevel
from orders.models import Order, Party
from orders.services import NotCancellable, cancel_on_request
from shop.audit.models import Entry
from shop.bus.handlers import queues
from shop.doctor.repairing import treat
from shop.users.models import User
from tests.conftest import StartWorker
from tests.doctor.conftest import Broken
from tests.shopping import IS_DECLINED, PAYS, PAYS_SLOWLY, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]

_MAILBOX = "notifications.channels.mailbox.MailboxBackend"
_CUSTOMERS, _EACH = 3, 8
_ACTS = "pm_card_threeDSecure2Required"


@pytest.fixture
def plenty(mugs: StockLevel, ada: User) -> None:
    inventory.adjust(sku=mugs.sku, delta=1_000, by=ada, reason="a lorry came")


def _many_orders(customer: User, chance: random.Random) -> None:
    """Some pay at once, some slowly, some not, some have to act; a third is called off again."""
    try:
        for _ in range(_EACH):
            method = chance.choice([PAYS, PAYS, PAYS_SLOWLY, IS_DECLINED, _ACTS])
            order = place(customer, {"MUG-BLUE": chance.randint(1, 3)}, method=method)
            with suppress(NotCancellable):
                if chance.random() < 0.3:
                    cancel_on_request(order_id=order.pk, reason="changed_mind", by=Party.CUSTOMER)
    finally:
        connection.close()


def _storm(customer: User) -> Iterator[None]:
    """Goes on as long as orders are placed and their first news is worked on."""
    with ThreadPoolExecutor(_CUSTOMERS) as threads:
        placing = [threads.submit(_many_orders, customer, random.Random(seed)) for seed in range(_CUSTOMERS)]  # noqa: S311
        while not all(future.done() for future in placing) or _is_busy():
            yield
        for future in placing:
            future.result()


def _is_busy() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM bus_delivery WHERE due_at <= shop_now() + interval '1 minute')")
        return bool(cursor.fetchone()[0])


def test_nothing_is_broken_and_nothing_repaired_while_all_is_under_way(
    plenty: None, ada: User, broken: Broken, start_worker: StartWorker
) -> None:
    looked = 0
    with start_worker(*queues(), concurrency=3, EMAIL_BACKEND=_MAILBOX):
        for _ in _storm(ada):
            assert broken() == set()
            since = timezone.now() - timedelta(days=1)
            assert [outcome for each in treat(since=since, dry_run=False) for outcome in each.outcomes or ()] == []
            looked += 1

    assert looked > 1
    assert Order.objects.count() == _CUSTOMERS * _EACH
    assert not Entry.objects.exists()
