"""A person fills every table through the front door, is erased, and is nowhere any more."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.idp.oidc.models import Client as Program
from allauth.idp.oidc.models import Token
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.cache import cache
from django.db import IntegrityError, transaction

from inventory.models import StockLevel
from notifications import services as notifications
from notifications.models import Message
from orders import services as orders
from orders.models import Order, Reason
from payments import services as payments
from payments.models import Payment
from shop.bus.models import DeadLetter
from shop.users.models import AccountMail, Session, User
from tests.conftest import Clock
from tests.people import PASSWORD, App, signed_up
from tests.shopping import IS_DECLINED, order_json
from tests.traces import HOME, traces

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]

Drain = Callable[[], None]

EMAIL = "ada.lovelace@example.org"


@pytest.fixture
def ada(drain_all: Drain) -> App:
    return signed_up(EMAIL, drain_all, name="Ada Lovelace", language="de")


def _order(app: App, **changes: Any) -> str:
    body = order_json(shipping_address=HOME, **changes)
    answer = app.api("POST", "/orders", body, **{"Idempotency-Key": str(uuid4())})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def _live(app: App, drain_all: Drain) -> None:
    """Leave traces everywhere: an address book, a second login, a mail of every kind, a second factor's beginning."""
    assert app.api("POST", "/users/me/addresses", HOME).status_code == 201
    assert App().log_in(EMAIL).status_code == 200
    cache.clear()
    assert App().ask("POST", "/auth/password/request", {"email": EMAIL}).status_code == 401
    assert App().sign_up(EMAIL).status_code == 401
    drain_all()


def _erase(app: App) -> None:
    version = app.api("GET", "/users/me")["ETag"]
    answer = app.api("DELETE", "/users/me", {"password": PASSWORD}, **{"If-Match": version})
    assert answer.status_code == 204, answer.content


def _send_back(order_id: str, drain_all: Drain) -> None:
    """It arrives, a part of it comes back and a part is refunded, and both times somebody writes whose it was."""
    drain_all()
    shipment = orders.ship(order_id=UUID(order_id), carrier="Pigeon Post")
    orders.deliver(order_id=UUID(order_id), shipment_id=shipment.pk)
    pieces = [orders.ReturnedPieces(sku="MUG-BLUE", quantity=1)]
    orders.take_back(order_id=UUID(order_id), pieces=pieces, reason=f"{EMAIL} did not like it")
    sam = User.objects.create_user("sam@example.com", is_staff=True, is_superuser=True)
    payment = Payment.objects.get(order_id=order_id)
    payments.refund(payment_id=payment.pk, amount=100, reason=f"{EMAIL} asked for it", by=sam)
    drain_all()


def test_nothing_of_an_erased_person_is_left_but_the_books(ada: App, mugs: StockLevel, drain_all: Drain) -> None:
    _live(ada, drain_all)
    paid, declined = _order(ada), _order(ada, payment_method=IS_DECLINED)
    drain_all()
    orders.cancel(orders={Order.objects.get(pk=paid).pk: Reason.STOCK_TIMEOUT})
    drain_all()
    _send_back(_order(ada), drain_all)
    before, methods = traces(), set(Payment.objects.values_list("method", flat=True))

    _erase(ada)
    drain_all()

    assert set(before) >= {
        "users_user.email",
        "users_address.line1",
        "account_emailaddress.email",
        "users_session.session_data",
        "orders_order.shipping_address",
        "orders_return.reason",
        "payments_refund.reason",
        "notifications_message.address",
        "notifications_receivedmail.recipients",
        "api_idempotentanswer.body",
    }
    assert traces() == {}
    assert methods == {"pm_card_visa", "pm_card_chargeDeclined"}
    assert set(Payment.objects.values_list("method", flat=True)) == {""}
    assert sorted(Order.objects.values_list("total", flat=True)) == [2400, 2400, 2400]
    assert {order.shipping_address["country"] for order in Order.objects.all()} == {"DE"}
    assert Payment.objects.get(order_id=paid).amount == 2400
    assert Payment.objects.get(order_id=declined).status == "declined"
    assert not DeadLetter.objects.exists()


def test_nobody_can_be_an_erased_person(ada: App, drain_all: Drain) -> None:
    session, refresh = ada.session, ada.refresh

    _erase(ada)
    drain_all()

    assert ada.api("GET", "/users/me").status_code == 401
    assert App().log_in(EMAIL).status_code == 400
    assert ada.ask("POST", "/tokens/refresh", {"refresh_token": refresh}).status_code in {400, 410}
    assert ada.http.get("/api/v1/users/me", headers={"X-Session-Token": session}).status_code == 401
    assert not Session.objects.filter(user__isnull=False).exists()


def test_the_address_is_free_again_for_somebody_new(ada: App, drain_all: Drain) -> None:
    _erase(ada)
    drain_all()
    cache.clear()

    again = signed_up(EMAIL, drain_all)

    assert again.api("GET", "/users/me").json()["name"] == ""
    assert User.objects.count() == 2


def test_an_open_order_keeps_where_it_goes_until_it_ends(ada: App, mugs: StockLevel, drain_all: Drain) -> None:
    order_id = _order(ada)
    drain_all()

    _erase(ada)
    drain_all()
    open_order = Order.objects.get(pk=order_id)
    orders.cancel(orders={open_order.pk: Reason.STOCK_TIMEOUT})
    drain_all()

    assert open_order.status == "confirmed"
    assert open_order.shipping_address == HOME
    ended = Order.objects.get(pk=order_id)
    assert (ended.status, ended.shipping_address, ended.payment_method) == ("cancelled", {"country": "DE"}, "")
    assert Payment.objects.get(order_id=order_id).status == "refunded"


def test_an_erased_person_is_not_written_to_any_more(ada: App, mugs: StockLevel, drain_all: Drain) -> None:
    _order(ada)
    _erase(ada)

    drain_all()

    assert not Message.objects.exclude(address="").exists()
    assert set(traces()) == {"orders_order.shipping_address"}


def test_what_was_just_being_paid_with_is_forgotten_later(
    ada: App, mugs: StockLevel, clock: Clock, drain_all: Drain
) -> None:
    order_id = _order(ada)
    _erase(ada)
    drain_all()
    meanwhile = Payment.objects.get(order_id=order_id).method

    clock.forward(timedelta(hours=2))
    drain_all()

    assert meanwhile in {"", "pm_card_visa"}
    assert Payment.objects.get(order_id=order_id).method == ""


def test_a_mail_that_had_not_left_is_not_sent(ada: App, drain_all: Drain) -> None:
    cache.clear()
    App().ask("POST", "/auth/password/request", {"email": EMAIL})
    _erase(ada)

    drain_all()

    assert not AccountMail.objects.exclude(body="").exists()
    assert "notifications_receivedmail.recipients" not in traces()


def test_the_admins_log_forgets_what_the_person_and_their_keys_were_called(ada: App, drain_all: Drain) -> None:
    user = User.objects.get()
    LogEntry.objects.create(
        user=user, object_id=str(user.pk), object_repr=EMAIL, action_flag=CHANGE, change_message="Lovelace"
    )

    _erase(ada)

    assert [(entry.object_repr, entry.change_message) for entry in LogEntry.objects.all()] == [("", "")]


def test_hearing_twice_that_somebody_was_erased_changes_nothing_more(
    ada: App, mugs: StockLevel, drain_all: Drain
) -> None:
    order_id = _order(ada)
    drain_all()
    orders.cancel(orders={Order.objects.get(pk=order_id).pk: Reason.STOCK_TIMEOUT})
    drain_all()
    _erase(ada)
    drain_all()
    person = User.objects.get().pk
    before = [list(model.objects.order_by("pk").values()) for model in (Order, Payment, Message)]

    orders.forget(customer_ids=[person])
    payments.forget(customer_ids=[person])
    notifications.forget(user_ids=[person])

    assert [list(model.objects.order_by("pk").values()) for model in (Order, Payment, Message)] == before


def test_whoever_adds_a_table_about_people_decides_what_erasing_does_to_it() -> None:
    """Kept: orders, and what staff did to stock and money. All else goes, or is emptied."""
    about_people = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model is User
    }

    assert about_people == {
        "account.EmailAddress",
        "admin.LogEntry",
        "allauth_idp_oidc.Client",
        "allauth_idp_oidc.Token",
        "audit.Entry",
        "inventory.Adjustment",
        "mfa.Authenticator",
        "notifications.Preference",
        "orders.Order",
        "payments.Refund",
        "users.AccountMail",
        "users.Address",
        "users.ApiKey",
        "users.Session",
        "usersessions.UserSession",
    }


def test_programs_that_acted_for_the_person_do_so_no_more(ada: App, drain_all: Drain) -> None:
    user = User.objects.get()
    theirs = Program.objects.create(name="A program of theirs", owner=user)
    Token.objects.create(type=Token.Type.ACCESS_TOKEN, hash="x", client=theirs, user=user, data={"email": EMAIL})

    _erase(ada)

    assert not Token.objects.exists()
    assert Program.objects.get().owner is None


def test_the_database_refuses_an_erased_person_with_a_name(ada: App, drain_all: Drain) -> None:
    _erase(ada)
    user = User.objects.get()
    user.name = "Ada"

    with pytest.raises(IntegrityError, match="user_erased_is_nobody"), transaction.atomic():
        user.save()


def test_the_export_tells_everything_that_the_person_left(ada: App, mugs: StockLevel, drain_all: Drain) -> None:
    _live(ada, drain_all)
    _order(ada)
    drain_all()

    told = ada.api("GET", "/users/me/export").json()

    users = told["users"]
    assert users["account"]["name"] == "Ada Lovelace"
    assert users["emails"] == [{"email": EMAIL, "verified": True, "primary": True}]
    assert [address["line1"] for address in users["addresses"]] == ["7 Menabrea Street"]
    assert len(users["sessions"]) == 2
    assert {mail["kind"] for mail in users["mails"]} >= {"email_confirmation_signup", "password_reset_code"}
    assert told["orders"][0]["shipping_address"] == HOME
    assert told["orders"][0]["lines"][0]["sku"] == "MUG-BLUE"
    assert told["payments"][0]["amount"] == 2400
    assert {message["address"] for message in told["notifications"]["messages"]} == {EMAIL, ""}
    assert json.dumps(told).count("argon2") == 0
