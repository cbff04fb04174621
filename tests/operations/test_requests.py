"""Requests are counted by the route that they took, so that nobody makes up figures."""

from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

ORDERS = "api/v1/orders"


def _count(method: str, route: str, status_class: str) -> float:
    labels = {"method": method, "route": route, "status_class": status_class}
    return REGISTRY.get_sample_value("shop_requests_total", labels) or 0.0


def test_a_request_is_counted_by_its_route_and_class_and_timed(api: APIClient) -> None:
    before = _count("GET", ORDERS, "2xx")
    timed = REGISTRY.get_sample_value("shop_request_seconds_count", {"method": "GET", "route": ORDERS}) or 0.0

    api.get("/api/v1/orders")

    assert _count("GET", ORDERS, "2xx") == before + 1
    after = REGISTRY.get_sample_value("shop_request_seconds_count", {"method": "GET", "route": ORDERS})
    assert after == timed + 1


@pytest.mark.django_db
def test_addresses_and_methods_that_somebody_made_up_make_no_figures(anonymous: APIClient) -> None:
    before = _count("GET", "none", "4xx"), _count("other", "none", "4xx"), len(list(REGISTRY.collect()))

    anonymous.get(f"/{uuid4()}")
    anonymous.generic("BREW", f"/{uuid4()}")

    after = _count("GET", "none", "4xx"), _count("other", "none", "4xx"), len(list(REGISTRY.collect()))
    assert after == (before[0] + 1, before[1] + 1, before[2])


def test_two_orders_are_one_route(api: APIClient) -> None:
    def routes() -> set[str]:
        families = (family for family in REGISTRY.collect() if family.name == "shop_requests")
        return {sample.labels["route"] for family in families for sample in family.samples}

    api.get(f"/api/v1/orders/{uuid4()}")
    before = routes()
    api.get(f"/api/v1/orders/{uuid4()}")

    assert routes() == before
