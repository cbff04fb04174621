"""A shop with stories of every kind, and the doctor's word on it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from inventory.models import StockLevel
from orders import services
from orders.models import Party
from orders.services import ReturnedPieces
from payments import services as payments
from payments.gateways import gateway
from payments.models import Payment
from shop.doctor import examine
from shop.users.models import User
from tests.shopping import IS_DECLINED, place

Broken = Callable[[], set[str]]


@pytest.fixture
def stories(ada: User, mugs: StockLevel, settings: Settings, drain_all: Callable[[], None]) -> None:
    """One order came back, one has a part refunded, one was cancelled, one declined, and one waits for its customer."""
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"
    returned, confirmed, cancelled = (place(ada, {"MUG-BLUE": pieces}) for pieces in (1, 2, 3))
    place(ada, {"MUG-BLUE": 1}, method=IS_DECLINED)
    drain_all()
    services.ship(order_id=returned.pk, carrier="Pigeon Post")
    services.take_back(order_id=returned.pk, pieces=[ReturnedPieces(sku="MUG-BLUE", quantity=1)])
    services.cancel_on_request(order_id=cancelled.pk, reason="fraud", by=Party.STAFF)
    payment = Payment.objects.get(order_id=confirmed.pk)
    payments.refund(payment_id=payment.pk, amount=100, reason="Late", by=ada)
    drain_all()
    place(ada, {"MUG-BLUE": 1}, method="pm_card_threeDSecure2Required")
    drain_all()


@pytest.fixture
def broken() -> Broken:
    """What does not hold just now."""
    return lambda: {
        finding.invariant.claim for finding in examine(since=timezone.now() - timedelta(days=1)) if finding.broken
    }


@pytest.fixture(autouse=True)
def _fresh_gateway() -> Iterator[None]:
    yield
    gateway.cache_clear()
