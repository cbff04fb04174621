"""What each role of the staff may do over REST, as in the admin."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from inventory.models import StockLevel
from orders.models import Order
from payments.models import Payment
from shop.users.models import User
from tests.keys import client_of
from tests.problems import problem_of
from tests.shopping import place
from tests.staff import staff

pytestmark = pytest.mark.django_db(transaction=True)

Deed = Callable[[APIClient, Order], Any]


@pytest.fixture
def order(ada: User, mugs: StockLevel, drain_all: Callable[[], None]) -> Order:
    """Two mugs that are paid for."""
    order = place(ada, {"MUG-BLUE": 2})
    drain_all()
    return order


def _post(client: APIClient, to: str, body: object) -> Any:
    return client.post(f"/api/v1/{to}", body, format="json", headers={"Idempotency-Key": str(uuid4())})


def _refund(client: APIClient, order: Order) -> Any:
    payment = Payment.objects.get(order_id=order.pk)
    return _post(client, f"payments/{payment.pk}/refunds", {"amount": 1, "reason": "Late"})


_DEEDS: dict[str, tuple[Deed, str, set[str]]] = {
    "cancelling": (
        lambda client, order: _post(client, f"orders/{order.pk}/cancellation", {}),
        "orders.change_order",
        {"support", "admin"},
    ),
    "shipping": (
        lambda client, order: _post(client, f"orders/{order.pk}/shipments", {"carrier": "Pigeon Post"}),
        "orders.add_shipment",
        {"warehouse", "admin"},
    ),
    "giving money back": (_refund, "payments.add_refund", {"finance", "admin"}),
    "correcting stock": (
        lambda client, _order: _post(
            client, "inventory/adjustments", {"sku": "MUG-BLUE", "delta": 1, "reason": "Found"}
        ),
        "inventory.add_adjustment",
        {"warehouse", "admin"},
    ),
    "reading the log": (
        lambda client, _order: client.get("/api/v1/events"),
        "bus.view_event",
        {"support", "admin"},
    ),
}


@pytest.mark.parametrize("role", ["support", "warehouse", "finance", "admin"])
@pytest.mark.parametrize("deed", _DEEDS)
def test_a_role_does_what_it_may_and_is_told_what_it_lacks(deed: str, role: str, order: Order) -> None:
    act, permission, roles = _DEEDS[deed]

    answer = act(client_of(staff("sam", role)), order)

    if role in roles:
        assert answer.status_code in {200, 201}, answer.content
    elif answer.status_code == 404:
        assert (deed, role) == ("giving money back", "warehouse")  # who sees no payment does not find it
    else:
        assert problem_of(answer, 403, "permission_missing")["required_permission"] == permission


def test_staff_without_a_role_are_customers(order: Order) -> None:
    nobody = client_of(staff("sam"))

    problem_of(nobody.get(f"/api/v1/orders/{order.pk}"), 404, "not_found")
    assert nobody.get("/api/v1/orders").json()["results"] == []
    assert nobody.get("/api/v1/users/me").status_code == 200
