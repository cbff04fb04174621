"""Every way in which an order ends: what its customer sees, where stock and money are, and that no rule is broken."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from inventory.models import StockLevel
from orders import services
from orders.models import Order, Party, Reason
from orders.services import NewLine, ReturnedPieces
from payments import services as payments
from payments.gateways import gateway, sandbox
from payments.models import Payment
from shop.bus import calls
from shop.doctor import examine
from shop.users.models import User
from tests.books import Balance, balance
from tests.conftest import Clock
from tests.flows import audit
from tests.flows.conftest import ask
from tests.payments.conftest import _fresh_gateways  # noqa: F401 - asked for by name
from tests.payments.tempers import Away
from tests.shopping import IS_DECLINED, NEVER_ANSWERS, PAYS, place

pytestmark = pytest.mark.django_db(transaction=True)

NEEDS_THE_CUSTOMER = "pm_card_threeDSecure2Required"
CANNOT_BE_TAKEN = "pm_test_capture_fails"
PRICE = 1200


@dataclass
class Story:
    """An order and the means to go on with it."""

    order: Order
    staff: User
    clock: Clock
    work: Callable[[], None]

    @property
    def payment(self) -> Payment:
        return Payment.objects.get(order_id=self.order.pk)

    def cancel(self, by: Party = Party.CUSTOMER, reason: str = Reason.CUSTOMER_REQUEST) -> None:
        services.cancel_on_request(order_id=self.order.pk, reason=reason, by=by)

    def ship(self, quantity: int | None = None) -> None:
        lines = quantity and [NewLine(sku="MUG-BLUE", quantity=quantity)]
        shipment = services.ship(order_id=self.order.pk, carrier="Pigeon Post", lines=lines or None)
        self.work()
        services.deliver(order_id=self.order.pk, shipment_id=shipment.pk)
        self.work()

    def bank_says(self, *, approved: bool) -> None:
        assert sandbox.bank_says(charge=self.payment.charge, approved=approved)

    def come_back(self) -> None:
        payments.look(payment_id=self.payment.pk)

    def wait(self, minutes: int) -> None:
        self.work()
        self.clock.forward(timedelta(minutes=minutes))
        self.work()

    def take_back(self, quantity: int, *, refund: int | None = None, restock: bool = True) -> None:
        pieces = [ReturnedPieces(sku="MUG-BLUE", quantity=quantity, restock=restock)]
        services.take_back(order_id=self.order.pk, pieces=pieces, refund=refund)
        self.work()

    def refund(self, amount: int | None = None) -> None:
        payments.refund(payment_id=self.payment.pk, amount=amount, reason="Good will", by=self.staff)
        self.work()


@dataclass(frozen=True)
class Ending:
    """What is left when everything is at rest: of two mugs of twenty, for 24.00 EUR."""

    status: str
    payment: str
    reason: str = ""
    lies: tuple[int, int] = (20, 0)
    taken: int = 0


def _is_left_alone(story: Story) -> None:
    story.work()


def _is_asked_for_later(story: Story) -> None:
    story.wait(1)


def _is_cancelled_at_once(story: Story) -> None:
    story.cancel()


def _is_cancelled_by_staff_when_confirmed(story: Story) -> None:
    story.work()
    story.cancel(Party.STAFF, "fraud")


def _is_delivered(story: Story) -> None:
    story.work()
    story.ship()


def _is_delivered_in_parts(story: Story) -> None:
    story.work()
    story.ship(1)
    story.ship(1)


def _is_approved_and_comes_back(story: Story) -> None:
    story.work()
    story.bank_says(approved=True)
    story.come_back()


def _is_approved_and_nobody_comes_back(story: Story) -> None:
    story.work()
    story.bank_says(approved=True)
    story.wait(6)


def _is_declined_at_the_bank(story: Story) -> None:
    story.work()
    story.bank_says(approved=False)
    story.come_back()


def _comes_back_without_having_acted(story: Story) -> None:
    story.work()
    story.come_back()
    story.work()
    story.bank_says(approved=True)
    story.come_back()


def _waits_half_an_hour_and_acts(story: Story) -> None:
    story.wait(40)
    story.bank_says(approved=True)
    story.come_back()


def _never_acts(story: Story) -> None:
    story.wait(61)


def _is_cancelled_before_the_customer_acts(story: Story) -> None:
    story.work()
    story.cancel()
    story.work()
    assert not sandbox.bank_says(charge=story.payment.charge, approved=True)


def _is_cancelled_while_the_customer_acts(story: Story) -> None:
    story.work()
    story.bank_says(approved=True)
    story.cancel()


def _is_returned(story: Story) -> None:
    _is_delivered(story)
    story.take_back(2)


def _is_returned_in_parts(story: Story) -> None:
    _is_delivered(story)
    story.take_back(1)
    story.take_back(1)


def _is_returned_broken_for_half_the_money(story: Story) -> None:
    _is_delivered(story)
    story.take_back(2, restock=False, refund=PRICE)


def _is_refunded_in_part_and_then_returned(story: Story) -> None:
    _is_delivered(story)
    story.refund(500)
    story.take_back(2)


def _is_refunded_in_part_before_it_leaves(story: Story) -> None:
    story.work()
    story.refund(500)
    story.ship()


def _is_refunded_in_part_and_then_cancelled(story: Story) -> None:
    story.work()
    story.refund(500)
    story.cancel()


def _is_refunded_before_it_leaves(story: Story) -> None:
    story.work()
    story.refund()


def _is_refunded_when_delivered(story: Story) -> None:
    _is_delivered(story)
    story.refund()


_GONE = (18, 0)
_TAKEN = 2 * PRICE

ENDINGS: list[tuple[str, Callable[[Story], None], Ending]] = [
    (PAYS, _is_left_alone, Ending("confirmed", "captured", lies=(20, 2), taken=_TAKEN)),
    (NEVER_ANSWERS, _is_asked_for_later, Ending("confirmed", "captured", lies=(20, 2), taken=_TAKEN)),
    (PAYS, _is_delivered, Ending("delivered", "captured", lies=_GONE, taken=_TAKEN)),
    (PAYS, _is_delivered_in_parts, Ending("delivered", "captured", lies=_GONE, taken=_TAKEN)),
    (IS_DECLINED, _is_left_alone, Ending("cancelled", "declined", "payment_declined")),
    (CANNOT_BE_TAKEN, _is_left_alone, Ending("cancelled", "voided", "capture_failed")),
    (PAYS, _is_cancelled_at_once, Ending("cancelled", "voided", "customer_request")),
    (PAYS, _is_cancelled_by_staff_when_confirmed, Ending("cancelled", "refunded", "fraud")),
    (
        NEEDS_THE_CUSTOMER,
        _is_approved_and_comes_back,
        Ending("confirmed", "captured", lies=(20, 2), taken=_TAKEN),
    ),
    (
        NEEDS_THE_CUSTOMER,
        _is_approved_and_nobody_comes_back,
        Ending("confirmed", "captured", lies=(20, 2), taken=_TAKEN),
    ),
    (
        NEEDS_THE_CUSTOMER,
        _comes_back_without_having_acted,
        Ending("confirmed", "captured", lies=(20, 2), taken=_TAKEN),
    ),
    (
        NEEDS_THE_CUSTOMER,
        _waits_half_an_hour_and_acts,
        Ending("confirmed", "captured", lies=(20, 2), taken=_TAKEN),
    ),
    (NEEDS_THE_CUSTOMER, _is_declined_at_the_bank, Ending("cancelled", "declined", "payment_declined")),
    (NEEDS_THE_CUSTOMER, _never_acts, Ending("cancelled", "voided", "payment_timeout")),
    (NEEDS_THE_CUSTOMER, _is_cancelled_before_the_customer_acts, Ending("cancelled", "voided", "customer_request")),
    (NEEDS_THE_CUSTOMER, _is_cancelled_while_the_customer_acts, Ending("cancelled", "voided", "customer_request")),
    (PAYS, _is_returned, Ending("delivered", "refunded")),
    (PAYS, _is_returned_in_parts, Ending("delivered", "refunded")),
    (
        PAYS,
        _is_returned_broken_for_half_the_money,
        Ending("delivered", "partially_refunded", lies=_GONE, taken=PRICE),
    ),
    (PAYS, _is_refunded_in_part_and_then_returned, Ending("delivered", "refunded")),
    (
        PAYS,
        _is_refunded_in_part_before_it_leaves,
        Ending("delivered", "partially_refunded", lies=_GONE, taken=_TAKEN - 500),
    ),
    (PAYS, _is_refunded_in_part_and_then_cancelled, Ending("cancelled", "refunded", "customer_request")),
    (PAYS, _is_refunded_before_it_leaves, Ending("cancelled", "refunded", "refunded")),
    (PAYS, _is_refunded_when_delivered, Ending("delivered", "refunded", lies=_GONE)),
]


@pytest.fixture
def begin(
    ada: User, mugs: StockLevel, clock: Clock, drain_all: Callable[[], None], settings: Settings
) -> Callable[[str], Story]:
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"
    staff = User.objects.create_user("carla@example.com", is_staff=True, is_superuser=True)

    def begin(method: str) -> Story:
        return Story(place(ada, {"MUG-BLUE": 2}, method=method), staff, clock, drain_all)

    return begin


@pytest.mark.parametrize(("method", "happens", "ending"), ENDINGS, ids=lambda value: getattr(value, "__name__", None))
def test_an_order_ends_right_whatever_happens_to_it(
    method: str, happens: Callable[[Story], None], ending: Ending, begin: Callable[[str], Story]
) -> None:
    story = begin(method)

    happens(story)
    story.work()

    assert _ending_of(story.order) == ending
    assert balance(story.order.pk).held == 0
    assert broken() == {}


def test_what_is_sold_out_ends_cancelled_and_voided(begin: Callable[[str], Story], ada: User) -> None:
    story = begin(PAYS)
    greedy = place(ada, {"MUG-BLUE": 19})

    story.work()

    assert _ending_of(greedy) == Ending("cancelled", "voided", "out_of_stock", lies=(20, 2))
    assert balance(greedy.pk) == Balance()
    assert broken() == {}


@pytest.mark.usefixtures("_fresh_gateways")
def test_a_deadline_waits_while_the_gateway_is_away(begin: Callable[[str], Story], settings: Settings) -> None:
    settings.PAYMENT_GATEWAY = f"{Away.__module__}.{Away.__qualname__}"
    gateway.cache_clear()
    story = begin(PAYS)

    for _ in range(2):
        story.wait(31)
    story.order.refresh_from_db()
    assert (story.order.status, story.order.cancellation_reason) == ("placed", "")
    _gateway_is_back()
    story.wait(1)
    story.wait(2)

    assert _ending_of(story.order) == Ending("confirmed", "captured", lies=(20, 2), taken=_TAKEN)
    assert broken() == {}


@pytest.mark.usefixtures("_fresh_gateways")
def test_an_order_waits_for_its_gateway_no_longer_than_its_stock_is_held(
    begin: Callable[[str], Story], settings: Settings
) -> None:
    settings.PAYMENT_GATEWAY = f"{Away.__module__}.{Away.__qualname__}"
    gateway.cache_clear()
    story = begin(PAYS)

    for _ in range(3):
        story.wait(31)
    assert _ending_of(story.order) == Ending("cancelled", "pending", "stock_timeout")
    _gateway_is_back()
    story.wait(2)

    assert _ending_of(story.order) == Ending("cancelled", "voided", "stock_timeout")
    assert broken() == {}


def test_a_deadline_waits_for_no_mail_server(begin: Callable[[str], Story], settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    story = begin(NEEDS_THE_CUSTOMER)

    story.wait(61)

    assert _ending_of(story.order) == Ending("cancelled", "voided", "payment_timeout")


def _gateway_is_back() -> None:
    """The circuit goes by the real clock, which this test does not wait for."""
    Away.back = True
    calls._closed_until.clear()


def _ending_of(order: Order) -> Ending:
    order.refresh_from_db()
    level = StockLevel.objects.get(sku="MUG-BLUE")
    return Ending(
        order.status,
        order.payment_status,
        order.cancellation_reason,
        lies=(level.on_hand, level.reserved),
        taken=balance(order.pk).taken,
    )


def broken() -> dict[str, Any]:
    """Every rule that does not hold: the doctor's, which hold at any time, and those of a shop at rest."""
    since = timezone.now() - timedelta(days=1)
    found = {finding.invariant.claim: finding.broken for finding in examine(since=since) if finding.broken}
    return found | (audit.broken(ask) if audit.is_at_rest(ask) else {})
