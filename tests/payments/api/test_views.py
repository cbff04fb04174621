"""Payments over HTTP: customers see theirs and come back from the bank, staff give money back."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from rest_framework.test import APIClient

from inventory.models import StockLevel
from orders.models import Order
from payments import services
from payments.models import Payment, Refund
from shop.api.scopes import SCOPES
from shop.users import erasing, guests
from shop.users.models import User
from tests.crowds import together
from tests.keys import client_of, client_with
from tests.problems import pointed, problem_of
from tests.shopping import order_json, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.payments.api.urls")]

PAYMENTS = "/api/v1/payments"
NEEDS_THE_CUSTOMER = "pm_card_threeDSecure2Required"

Work = Callable[[], None]


@pytest.fixture
def carla(db: None) -> User:
    return User.objects.create_user("carla@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(carla: User) -> APIClient:
    return client_of(carla)


@pytest.fixture
def payment(ada: User, mugs: StockLevel, drain_all: Work) -> Payment:
    """24.00 EUR that were taken for two mugs."""
    return _payment(place(ada, {"MUG-BLUE": 2}), drain_all)


@pytest.fixture
def waiting(ada: User, mugs: StockLevel, drain_all: Work) -> Payment:
    """24.00 EUR for which Ada has to act at her bank."""
    return _payment(place(ada, {"MUG-BLUE": 2}, method=NEEDS_THE_CUSTOMER), drain_all)


def _payment(order: Order, drain_all: Work) -> Payment:
    drain_all()
    return Payment.objects.get(order_id=order.pk)


def post(client: APIClient, to: str, body: object, key: str | None = None) -> Any:
    return client.post(to, body, format="json", headers={"Idempotency-Key": key or str(uuid4())})


def refund(client: APIClient, payment: Payment, key: str | None = None, **changes: Any) -> Any:
    return post(client, f"{PAYMENTS}/{payment.pk}/refunds", {"amount": 500, "reason": "Late"} | changes, key)


def confirm(client: APIClient, payment: Payment, **body: Any) -> Any:
    return post(client, f"{PAYMENTS}/{payment.pk}/confirmation", body)


# --- Looking ------------------------------------------------------------------------------------------------


def test_a_payment_says_where_the_money_is(api: APIClient, payment: Payment) -> None:
    answer = api.get(f"{PAYMENTS}/{payment.pk}")

    assert answer["ETag"] == f'"{payment.version}"'
    assert answer.json() == {
        "id": str(payment.pk),
        "order_id": str(payment.order_id),
        "status": "captured",
        "amount": 2400,
        "captured": 2400,
        "refunded": 0,
        "currency": "EUR",
        "decline_code": "",
        "action": None,
        "links": {
            "self": f"{PAYMENTS}/{payment.pk}",
            "refunds": f"{PAYMENTS}/{payment.pk}/refunds",
            "confirmation": f"{PAYMENTS}/{payment.pk}/confirmation",
            "order": f"/api/v1/orders/{payment.order_id}",
        },
    }


def test_an_order_leads_to_its_payment(api: APIClient, payment: Payment) -> None:
    link = api.get(f"/api/v1/orders/{payment.order_id}").json()["links"]["payments"]

    (found,) = api.get(link).json()["results"]

    assert found["id"] == str(payment.pk)


def test_the_list_is_narrowed_by_order_and_status(staff: APIClient, payment: Payment, waiting: Payment) -> None:
    def ids(query: str) -> list[str]:
        return [found["id"] for found in staff.get(f"{PAYMENTS}?{query}").json()["results"]]

    assert ids("") == [str(waiting.pk), str(payment.pk)]
    assert ids(f"order={payment.order_id}") == [str(payment.pk)]
    assert ids("status=action_required") == [str(waiting.pk)]
    problem_of(staff.get(f"{PAYMENTS}?status=rich"), 400, "invalid")
    problem_of(staff.get(f"{PAYMENTS}?order=1"), 400, "invalid")


def test_a_guest_sees_the_payment_of_their_order_and_no_other(
    anonymous: APIClient, payment: Payment, drain_all: Work
) -> None:
    order = post(anonymous, "/api/v1/orders", order_json(email="bo@example.com")).json()
    drain_all()
    guest = client_with(order["access_token"])

    (found,) = guest.get(PAYMENTS).json()["results"]

    assert found["order_id"] == order["id"]
    assert guest.get(f"{PAYMENTS}/{found['id']}").status_code == 200
    problem_of(guest.get(f"{PAYMENTS}/{payment.pk}"), 404, "not_found")
    assert guests.PREFIX in order["access_token"]


@pytest.mark.parametrize("end", ["late", "erased"])
def test_a_guests_token_opens_the_payment_no_longer_than_the_order(
    end: str, anonymous: APIClient, mugs: StockLevel, settings: Settings, drain_all: Work
) -> None:
    order = post(anonymous, "/api/v1/orders", order_json(email="bo@example.com")).json()
    drain_all()
    guest = client_with(order["access_token"])
    assert len(guest.get(PAYMENTS).json()["results"]) == 1

    if end == "late":
        settings.GUEST_ACCESS = timedelta(0)
    else:
        erasing.erase_guests(who=Q(email="bo@example.com"))

    assert guest.get(PAYMENTS).json()["results"] == []


def test_what_ended_before_it_was_asked_for_is_nobodys_payment(staff: APIClient) -> None:
    services.give_back(order_ids=[uuid4()])

    assert staff.get(PAYMENTS).json()["results"] == []


def test_a_list_of_payments_asks_the_database_as_often_however_long_it_is(
    api: APIClient, ada: User, payment: Payment, drain_all: Work
) -> None:
    with CaptureQueriesContext(connection) as short:
        api.get(PAYMENTS)
    place(ada, {"MUG-BLUE": 1})
    drain_all()
    with CaptureQueriesContext(connection) as long:
        assert len(api.get(PAYMENTS).json()["results"]) == 2

    assert len(short) == len(long) == 2  # the key with its owner, the payments


# --- Giving back --------------------------------------------------------------------------------------------


def test_a_refund_is_accepted_and_a_moment_later_given_back(
    staff: APIClient, api: APIClient, payment: Payment, drain_all: Work
) -> None:
    answer = refund(staff, payment)

    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert (answer.json()["status"], answer.json()["amount"], answer.json()["currency"]) == ("pending", 500, "EUR")
    drain_all()
    assert api.get(answer["Location"]).json()["status"] == "succeeded"
    assert api.get(f"{PAYMENTS}/{payment.pk}").json()["refunded"] == 500
    assert api.get(f"/api/v1/orders/{payment.order_id}").json()["payment_status"] == "partially_refunded"


def test_the_same_request_again_gives_back_once(staff: APIClient, payment: Payment) -> None:
    first, second = (refund(staff, payment, key="the-key") for _ in range(2))

    assert second.content == first.content
    assert Refund.objects.count() == 1


def test_without_an_amount_all_that_is_left_goes_back(staff: APIClient, payment: Payment) -> None:
    refund(staff, payment)

    answer = post(staff, f"{PAYMENTS}/{payment.pk}/refunds", {"reason": "It never arrived"})

    assert answer.json()["amount"] == 1900


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"amount": 0}, {"/amount": "min_value"}),
        ({"amount": -5}, {"/amount": "min_value"}),
        ({"amount": 2**53}, {"/amount": "max_value"}),
        ({"amount": 5.5}, {"/amount": "invalid"}),
        ({"amount": "5"}, {"/amount": "invalid"}),
        ({"amount": None}, {"/amount": "null"}),
        ({"reason": ""}, {"/reason": "blank"}),
        ({"reason": None}, {"/reason": "null"}),
        ({"reason": "r" * 201}, {"/reason": "max_length"}),
        ({"currency": "USD"}, {"/currency": "unknown"}),
    ],
)
def test_a_refund_that_makes_no_sense_is_refused_with_pointers(
    changes: dict[str, Any], errors: dict[str, str], staff: APIClient, payment: Payment
) -> None:
    assert pointed(problem_of(refund(staff, payment, **changes), 400, "invalid")) == errors
    assert not Refund.objects.exists()


def test_more_than_is_left_is_refused_with_what_is_left(staff: APIClient, payment: Payment) -> None:
    refund(staff, payment)

    problem = problem_of(refund(staff, payment, amount=1901), 409, "not_refundable")

    assert (problem["refundable"], problem["currency"], problem["payment_status"]) == (1900, "EUR", "captured")


def test_two_refunds_at_once_never_give_back_more_than_was_taken(carla: User, payment: Payment) -> None:
    clients = [client_of(carla) for _ in range(4)]

    answers = together(*(partial(refund, client, payment, amount=1000) for client in clients))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]


# --- The bank -----------------------------------------------------------------------------------------------


def test_where_to_act_is_told_to_the_customer_only(api: APIClient, staff: APIClient, waiting: Payment) -> None:
    seen, by_staff = (client.get(f"{PAYMENTS}/{waiting.pk}").json() for client in (api, staff))

    assert seen["status"] == by_staff["status"] == "action_required"
    assert seen["action"]["url"] == f"/dev/bank/{waiting.charge}"
    assert seen["action"]["until"].endswith("Z")
    assert by_staff["action"] is None


@pytest.mark.parametrize(("says", "becomes"), [("approve", "captured"), ("decline", "declined")])
def test_what_the_customer_says_at_the_bank_shows_in_the_payment(
    says: str, becomes: str, api: APIClient, waiting: Payment, drain_all: Work
) -> None:
    url, browser = api.get(f"{PAYMENTS}/{waiting.pk}").json()["action"]["url"], APIClient()

    assert browser.get(url).status_code == 200
    assert browser.post(url, {"answer": says}).status_code == 200
    drain_all()

    seen = api.get(f"{PAYMENTS}/{waiting.pk}").json()
    assert (seen["status"], seen["action"]) == (becomes, None)


@pytest.mark.parametrize("charge", ["ch_unknown", "%00", "..%2F", "x" * 5000])
def test_the_bank_knows_who_waits_and_nobody_else(charge: str, anonymous: APIClient, payment: Payment) -> None:
    assert anonymous.post(f"/dev/bank/{payment.charge}", {"answer": "approve"}).status_code == 409
    assert anonymous.post(f"/dev/bank/{charge}", {"answer": "approve"}).status_code in {404, 409}


def test_who_comes_back_without_having_acted_still_has_to(api: APIClient, waiting: Payment, drain_all: Work) -> None:
    answer = confirm(api, waiting)
    drain_all()

    assert (answer.status_code, answer["Location"]) == (202, f"{PAYMENTS}/{waiting.pk}")
    assert api.get(f"{PAYMENTS}/{waiting.pk}").json()["status"] == "action_required"


def test_who_has_nothing_to_confirm_is_told_so(api: APIClient, payment: Payment) -> None:
    problem = problem_of(confirm(api, payment), 409, "nothing_to_confirm")

    assert problem["payment_status"] == "captured"
    assert pointed(problem_of(confirm(api, payment, status="captured"), 400, "invalid")) == {"/status": "unknown"}


# --- Who may do what ----------------------------------------------------------------------------------------

_DEEDS: dict[str, tuple[Callable[[APIClient, Payment], Any], str, bool]] = {
    "refunding": (refund, "payments:write", True),
    "confirming": (confirm, "orders:write", False),
    "looking": (lambda client, payment: client.get(f"{PAYMENTS}/{payment.pk}"), "payments:read", False),
    "looking at refunds": (
        lambda client, payment: client.get(f"{PAYMENTS}/{payment.pk}/refunds"),
        "payments:read",
        False,
    ),
}


@pytest.mark.parametrize("deed", _DEEDS)
def test_only_staff_give_back_and_only_the_customer_and_staff_do_the_rest(
    deed: str, anonymous: APIClient, carla: User, payment: Payment
) -> None:
    act, scope, of_staff = _DEEDS[deed]
    bob = client_of(User.objects.create_user("bob@example.com"))

    problem_of(act(anonymous, payment), 401, "not_authenticated")
    problem_of(act(bob, payment), *((403, "staff_only") if of_staff else (404, "not_found")))
    lacking = client_of(carla, scopes=SCOPES.keys() - {scope})
    assert problem_of(act(lacking, payment), 403, "scope_missing")["required_scope"] == scope
    assert not Refund.objects.exists()
