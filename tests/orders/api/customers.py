"""Who asks in tests of the orders' REST contract, and how."""

from typing import Any
from uuid import uuid4

from rest_framework.test import APIClient

from orders.models import Order

ORDERS = "/api/v1/orders"


def post(client: APIClient, body: object, key: str | None = None, *, to: str = ORDERS) -> Any:  # DRF's has no type
    return client.post(to, body, format="json", headers={"Idempotency-Key": key or str(uuid4())})


def get(client: APIClient, order: Order, more: str = "") -> Any:  # as above
    return client.get(f"{ORDERS}/{order.pk}{more}")
