from collections.abc import Callable

import pytest
from django.test import Client

from inventory.models import StockLevel
from payments.models import Payment
from shop.audit.models import Entry
from shop.users.models import User
from tests.confirming import confirm, form_of, send
from tests.shopping import place
from tests.staff import browser_of, staff

pytestmark = pytest.mark.django_db(transaction=True)

PAYMENTS = "/admin/payments/payment/"


@pytest.fixture
def finance(transactional_db: None) -> Client:
    return browser_of(staff("finance", "finance"))


@pytest.fixture
def payment(ada: User, mugs: StockLevel, drain_all: Callable[[], None]) -> Payment:
    """36.00 EUR, taken."""
    order = place(ada, {"MUG-BLUE": 3})
    drain_all()
    return Payment.objects.get(order_id=order.pk)


def _refund(payment: Payment) -> str:
    return f"{PAYMENTS}{payment.pk}/refund/"


def test_a_payment_is_found_by_its_order_and_shows_every_call(finance: Client, payment: Payment) -> None:
    found = finance.get(PAYMENTS, {"q": str(payment.order_id)}).content.decode()
    page = finance.get(f"{PAYMENTS}{payment.pk}/change/").content.decode()

    assert str(payment.pk) in found
    assert all(attempt.key in page for attempt in payment.attempts.all())
    assert payment.method not in page
    assert "(&#x27;" not in page
    assert str(payment.pk) not in finance.get(PAYMENTS, {"q": "nothing of the kind"}).content.decode()


def test_a_part_is_given_back_and_the_audit_knows_who_wanted_it(
    finance: Client, payment: Payment, drain_all: Callable[[], None]
) -> None:
    page = confirm(finance, _refund(payment), amount="10.50", reason="Scratched.")
    drain_all()

    payment.refresh_from_db()
    assert "10.50 EUR go back." in page
    assert (payment.refunded, payment.status) == (1050, "captured")
    entry = Entry.objects.get()
    assert (entry.action, entry.reason) == ("payment.refund_requested", "Scratched.")
    assert (entry.before, entry.after) == (
        {"status": "captured", "refundable": "36.00 EUR"},
        {"status": "captured", "refundable": "25.50 EUR"},
    )


def test_a_refund_sent_twice_is_given_once(finance: Client, payment: Payment, drain_all: Callable[[], None]) -> None:
    confirm(finance, _refund(payment), amount="1.00", reason="The first, which is under way.")
    form = form_of(finance, _refund(payment)) | {"amount": "10.50", "reason": "Scratched."}

    send(finance, _refund(payment), form)
    again = send(finance, _refund(payment), form)
    drain_all()

    payment.refresh_from_db()
    assert "this has changed since the page was shown" in again
    assert payment.refunded == 1150


@pytest.mark.parametrize("amount", ["", "0", "-1", "36.01", "1.005", "NaN", "1e3", "a\0", "9" * 50])
def test_what_cannot_be_given_back_is_said_on_the_page(amount: str, finance: Client, payment: Payment) -> None:
    answer = finance.post(_refund(payment), form_of(finance, _refund(payment)) | {"amount": amount, "reason": "x"})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not payment.refunds.exists()


def test_who_only_looks_at_payments_gives_nothing_back(payment: Payment) -> None:
    support = browser_of(staff("support", "support"))
    warehouse = browser_of(staff("warehouse", "warehouse"))

    assert support.get(f"{PAYMENTS}{payment.pk}/change/").status_code == 200
    assert support.get(_refund(payment)).status_code == 403
    assert warehouse.get(PAYMENTS).status_code == 403
