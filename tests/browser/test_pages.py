"""Every page fits a desk and a telephone, by day and by night, and needs nobody else's servers."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from inventory.models import StockLevel
from notifications.models import Message, ReceivedMail
from orders.models import Order
from payments.models import Payment
from shop.bus.models import Event
from shop.catalogue.models import Product
from tests.browser.conftest import Open, picture
from tests.processes import eventually
from tests.staff import staff

pytestmark = pytest.mark.django_db(transaction=True)

_LISTS = (
    *("orders/order", "payments/payment", "inventory/stocklevel", "inventory/reservation", "inventory/adjustment"),
    *("notifications/message", "users/user", "users/guest", "users/apikey", "audit/entry"),
    *("bus/event", "bus/deadletter", "bus/delivery", "catalogue/product", "catalogue/category"),
)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_fits(width: int, dark: bool, open_window: Open, order: Order) -> None:  # noqa: FBT001 - a parameter
    eventually(lambda: ReceivedMail.objects.count() == 3, "all mails have arrived")
    page = open_window(width=width, dark=dark)
    page.goto("/admin/login/")
    _fits(page, "sign-in", width, dark=dark)
    page = open_window(staff("boss", "admin"), width=width, dark=dark)

    for name, path in _pages(order):
        page.goto(path)
        _fits(page, name, width, dark=dark)


def _pages(order: Order) -> Iterator[tuple[str, str]]:
    payment, event = Payment.objects.get(order_id=order.pk), Event.objects.filter(type="order.placed").latest("id")
    yield "dashboard", "/admin/"
    yield from ((name.replace("/", "-"), f"/admin/{name}/") for name in _LISTS)
    for deed in ("change", "ship", "cancel"):
        yield f"order-{deed}", f"/admin/orders/order/{order.pk}/{deed}/"
    level = StockLevel.objects.get(sku="MUG-BLUE")
    yield "stock", f"/admin/inventory/stocklevel/{level.pk}/change/"
    yield "stock-adjust", f"/admin/inventory/stocklevel/{level.pk}/adjust/"
    yield "product", f"/admin/catalogue/product/{Product.objects.get().pk}/change/"
    yield "payment", f"/admin/payments/payment/{payment.pk}/change/"
    yield "payment-refund", f"/admin/payments/payment/{payment.pk}/refund/"
    yield "event", f"/admin/bus/event/{event.pk}/change/"
    yield "replay", f"{reverse('admin:bus_event_replay')}?event={event.pk}"
    yield "message", f"/admin/notifications/message/{Message.objects.latest('id').pk}/change/"
    yield "previews", reverse("admin:notifications_message_preview")
    yield "person", f"/admin/users/user/{order.customer_id}/change/"
    yield "roles", f"/admin/users/user/{order.customer_id}/roles/"
    yield "mailbox", "/dev/mailbox"


def _fits(page: Page, name: str, width: int, *, dark: bool) -> None:
    page.wait_for_load_state("networkidle")
    picture(page, f"{name}-{width}-{'dark' if dark else 'light'}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than its window"


def test_previews_show_a_mail_in_german(boss: Page) -> None:
    boss.goto(reverse("admin:notifications_message_preview"))

    boss.get_by_role("link", name="shipped").click()
    boss.get_by_role("link", name="German").click()

    expect(boss.get_by_text("ist unterwegs").first).to_be_visible()


def test_the_mailbox_shows_what_was_sent(open_window: Open, order: Order) -> None:
    eventually(lambda: ReceivedMail.objects.count() == 3, "all mails have arrived")
    page = open_window()

    page.goto("/dev/mailbox")

    expect(page.get_by_role("heading", name=f"Receipt for your order {order.number}")).to_be_visible()


def test_the_api_is_documented_where_there_is_no_network(open_window: Open) -> None:
    page = open_window()

    page.goto("/api/docs")

    expect(page.get_by_text("/api/v1/orders/{id}").first).to_be_visible(timeout=20_000)
