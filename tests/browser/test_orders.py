"""An order is found, read, and brought to each of its ends by the buttons of its page."""

import re

import pytest
from playwright.sync_api import Page, expect

from orders.models import Order
from payments.models import Payment
from tests.browser.conftest import press, until

pytestmark = pytest.mark.django_db(transaction=True)


def _open(page: Page, order: Order) -> None:
    page.goto(f"/admin/orders/order/{order.pk}/change/")


@pytest.mark.parametrize("by", ["number", "email", "id"])
def test_an_order_is_found(by: str, boss: Page, order: Order) -> None:
    term = {"number": str(order.number), "email": "ada@example.com", "id": str(order.pk)}[by]
    boss.goto("/admin/orders/order/")

    boss.locator("#searchbar").fill(term)
    boss.locator("#searchbar").press("Enter")
    boss.get_by_role("link", name=str(order.number)).click()

    expect(boss).to_have_url(re.compile(str(order.pk)))


def test_an_orders_page_tells_its_story_with_causes_and_handlers(boss: Page, order: Order) -> None:
    _open(boss, order)

    story = boss.locator(".story")
    for told in ("order.placed", "stock.reserved", "payment.authorized", "order.confirmed", "payment.captured"):
        expect(story.locator("a.story-title", has_text=told)).to_be_visible()
    for handler in ("inventory.reserve_stock", "payments.take_payment", "notifications.send_receipt"):
        expect(story.get_by_text(handler)).to_be_visible()
    expect(story.get_by_text("because of").first).to_be_visible()


def test_an_order_is_cancelled_and_its_money_given_back(boss: Page, order: Order) -> None:
    _open(boss, order)

    press(boss, "cancel")
    boss.get_by_label("Why").select_option("mistake")
    boss.get_by_label("In your words").fill("wrong price")
    boss.get_by_role("button", name="Cancel the order").click()

    expect(boss.get_by_text("The order is cancelled")).to_be_visible()
    until(order, status="cancelled", payment_status="refunded")


def test_an_order_is_shipped_delivered_and_returned_in_part(boss: Page, order: Order) -> None:
    _open(boss, order)

    press(boss, "ship")
    boss.get_by_label("Carrier").fill("Pigeon Post")
    boss.get_by_role("button", name="It has left").click()
    expect(boss.get_by_text("2 pieces have left with Pigeon Post")).to_be_visible()
    press(boss, "deliver")
    boss.get_by_role("button", name="It has arrived").click()
    expect(boss.get_by_text("The shipment has arrived")).to_be_visible()
    press(boss, "take-back")
    boss.get_by_label("(MUG-BLUE)").first.fill("1")
    boss.get_by_label("Reason").fill("chipped")
    boss.get_by_role("button", name="It is here").click()

    expect(boss.get_by_text("1 pieces are back")).to_be_visible()
    until(order, status="delivered", return_status="partial", payment_status="partially_refunded")


def test_a_part_of_the_money_is_given_back(boss: Page, order: Order) -> None:
    payment = Payment.objects.get(order_id=order.pk)
    boss.goto(f"/admin/payments/payment/{payment.pk}/change/")

    press(boss, "refund")
    boss.get_by_label("Amount in EUR").fill("5.00")
    boss.get_by_label("Reason").fill("good will")
    boss.get_by_role("button", name="Give it back").click()

    expect(boss.get_by_text("5.00 EUR go back")).to_be_visible()
    until(order, payment_status="partially_refunded")
    payment.refresh_from_db()
    assert payment.refunded == 500
