"""Guests fill every table through the front door too; they are erased, or age, and are nowhere any more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from inventory.models import StockLevel
from notifications.models import Message
from orders.models import Order
from payments.models import Payment
from shop.api.models import IdempotentAnswer
from shop.bus.models import DeadLetter
from shop.users.events import UserErased
from shop.users.models import Guest, User
from tests.conftest import Clock, Published
from tests.keys import client_of, client_with
from tests.people import PASSWORD, App, signed_up
from tests.problems import problem_of
from tests.shopping import IS_DECLINED, order_json
from tests.traces import HOME, traces

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]

Drain = Callable[[], None]
Placed = dict[str, Any]

EMAIL = "ada.lovelace@example.org"


@pytest.fixture
def placed(mugs: StockLevel) -> Placed:
    """What a guest was answered who ordered two mugs."""
    return _order()


def _order(email: str = EMAIL, **changes: Any) -> Placed:
    body = order_json(email=email, name="Ada Lovelace", language="de", shipping_address=HOME, **changes)
    answer = APIClient().post("/api/v1/orders", body, format="json", headers={"Idempotency-Key": str(uuid4())})
    assert answer.status_code == 201, answer.content
    told: Placed = answer.json()
    return told


def _cancel(placed: Placed) -> None:
    path = f"/api/v1/orders/{placed['id']}/cancellation"
    key = {"Idempotency-Key": str(uuid4())}
    answer = client_with(placed["access_token"]).post(path, {}, format="json", headers=key)
    assert answer.status_code == 201, answer.content


def _erase(placed: Placed) -> Any:  # DRF's test response has no type
    return client_with(placed["access_token"]).delete(f"/api/v1/orders/{placed['id']}/guest")


def test_nothing_of_an_erased_guest_is_left_but_the_books(placed: Placed, drain_all: Drain) -> None:
    declined = _order(payment_method=IS_DECLINED)
    drain_all()
    _cancel(placed)
    drain_all()
    before = traces()

    for each in (placed, declined):
        assert _erase(each).status_code == 204
    drain_all()

    assert set(before) == {
        "users_guest.email",
        "users_guest.name",
        "orders_order.shipping_address",
        "notifications_message.address",
        "notifications_receivedmail.recipients",
        "api_idempotentanswer.body",
    }
    assert traces() == {}
    assert not IdempotentAnswer.objects.exists()
    assert set(Payment.objects.values_list("method", flat=True)) == {""}
    assert {order.shipping_address["country"] for order in Order.objects.all()} == {"DE"}
    assert sorted(Order.objects.values_list("total", flat=True)) == [2400, 2400]
    assert set(Guest.objects.values_list("language", flat=True)) == {"en"}
    assert not DeadLetter.objects.exists()


def test_an_erased_guest_s_token_opens_nothing_any_more(placed: Placed) -> None:
    _erase(placed)

    answer = client_with(placed["access_token"]).get(f"/api/v1/orders/{placed['id']}")

    problem_of(answer, 404, "not_found")
    problem_of(_erase(placed), 404, "not_found")


def test_a_guest_erases_nobody_else_of_the_same_address(placed: Placed, published: Published) -> None:
    """Anybody can type in an address."""
    other = _order()

    _erase(placed)

    assert list(Guest.objects.filter(erased_at=None)) == [Order.objects.get(pk=other["id"]).guest]
    assert [event.user_id for event in published.of(UserErased)] == [Order.objects.get(pk=placed["id"]).guest_id]
    path = f"/api/v1/orders/{other['id']}/guest"
    problem_of(client_with(placed["access_token"]).delete(path), 404, "not_found")


def test_staff_see_the_order_of_an_erased_guest_and_nobody_in_it(placed: Placed) -> None:
    staff = client_of(User.objects.create_user("staff@example.com", is_staff=True, is_superuser=True))
    path = f"/api/v1/orders/{placed['id']}"

    assert staff.delete(f"{path}/guest").status_code == 204

    assert staff.get(path).json()["guest"] is None
    assert staff.get(f"/api/v1/orders?email={EMAIL}").json()["results"] == []
    problem_of(staff.delete(f"{path}/guest"), 404, "not_found")


def test_a_customer_s_order_has_no_guest_to_erase(api: Any, ada: User, mugs: StockLevel) -> None:
    placed = api.post("/api/v1/orders", order_json(), format="json", headers={"Idempotency-Key": "k"}).json()

    problem_of(api.delete(f"/api/v1/orders/{placed['id']}/guest"), 404, "not_found")


def test_an_open_order_of_an_erased_guest_keeps_where_it_goes_until_it_ends(placed: Placed, drain_all: Drain) -> None:
    drain_all()
    staff = client_of(User.objects.create_user("staff@example.com", is_staff=True, is_superuser=True))

    _erase(placed)
    drain_all()
    open_order = Order.objects.get()
    path, key = f"/api/v1/orders/{open_order.pk}/cancellation", {"Idempotency-Key": "k"}
    assert staff.post(path, {"reason": "lost"}, format="json", headers=key).status_code == 201
    drain_all()

    assert (open_order.status, open_order.shipping_address) == ("confirmed", HOME)
    ended = Order.objects.get()
    assert (ended.status, ended.shipping_address, ended.payment_method) == ("cancelled", {"country": "DE"}, "")
    assert traces() == {}


def test_a_guest_who_is_erased_at_once_is_not_written_to(placed: Placed, drain_all: Drain) -> None:
    _erase(placed)

    drain_all()

    assert not Message.objects.exclude(address="").exists()
    assert set(traces()) == {"orders_order.shipping_address"}


# --- Erased with an account, with time, or by staff ---------------------------------------------------------


def test_who_is_erased_takes_along_what_they_ordered_as_a_guest(placed: Placed, drain_all: Drain) -> None:
    drain_all()
    _cancel(placed)
    app = signed_up(EMAIL, drain_all, name="Ada Lovelace")
    other = _order("grace@example.org")

    version = app.api("GET", "/users/me")["ETag"]
    assert app.api("DELETE", "/users/me", {"password": PASSWORD}, **{"If-Match": version}).status_code == 204
    drain_all()

    assert list(Guest.objects.filter(erased_at=None)) == [Order.objects.get(pk=other["id"]).guest]
    assert Order.objects.get(pk=placed["id"]).shipping_address == {"country": "DE"}


def test_an_address_that_is_not_proven_erases_no_guest(placed: Placed, drain_all: Drain) -> None:
    cache.clear()
    assert App().sign_up(EMAIL).status_code == 401
    stranger = User.objects.get(email=EMAIL)
    staff = client_of(User.objects.create_user("staff@example.com", is_staff=True, is_superuser=True))

    path = f"/api/v1/users/{stranger.pk}"
    answer = staff.delete(path, {}, format="json", headers={"If-Match": staff.get(path)["ETag"]})

    assert answer.status_code == 204, answer.content
    assert Guest.objects.get().email == EMAIL


def test_guests_are_forgotten_by_themselves_after_a_while(placed: Placed, clock: Clock, drain_all: Drain) -> None:
    drain_all()
    _cancel(placed)
    clock.forward(settings.GUEST_KEPT - timedelta(hours=1))
    drain_all()
    almost = traces()

    clock.forward(timedelta(hours=2))
    drain_all()

    assert "users_guest.email" in almost
    assert traces() == {}
    assert Guest.objects.get().is_erased


GUESTS = "/admin/users/guest/"


def test_staff_find_guests_by_their_address_and_erase_them(placed: Placed, drain_all: Drain) -> None:
    browser = _browser("view_guest", "change_guest")
    chosen = [str(guest.pk) for guest in (Guest.objects.get(), Order.objects.get(pk=_order()["id"]).guest) if guest]
    _order("grace@example.org")

    found = browser.get(GUESTS, {"q": "ADA.love"}).content.decode()
    page = browser.post(GUESTS, {"action": "erase", "_selected_action": chosen}, follow=True).content.decode()

    assert "2 results" in found
    assert "Erased: 2." in page
    assert list(Guest.objects.filter(erased_at=None).values_list("email", flat=True)) == ["grace@example.org"]
    assert {entry.object_repr for entry in LogEntry.objects.all()} == {f"guest {pk}" for pk in chosen}


def test_who_may_only_look_at_guests_erases_none(placed: Placed) -> None:
    chosen = {"action": "erase", "_selected_action": [str(Guest.objects.get().pk)]}

    _browser("view_guest").post(GUESTS, chosen)

    assert Guest.objects.get().email == EMAIL


def _browser(*permissions: str) -> Client:
    """Staff who may what these permissions say."""
    user = User.objects.create_user("staff@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("spoil", [{"email": ""}, {"email": "x@example.org"}])
def test_the_database_knows_who_is_erased(spoil: dict[str, str], placed: Placed) -> None:
    guest = Guest.objects.get()
    if spoil["email"]:
        guest.erase()
    guest.email = spoil["email"]

    with pytest.raises(IntegrityError, match="guest_can_be_written_to_or_is_erased"), transaction.atomic():
        guest.save()
