from collections.abc import Callable
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from inventory.models import StockLevel
from shop.bus.models import Event
from tests.shopping import order_json

ORDERS = "/api/v1/orders"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.django_db
@pytest.mark.parametrize("path", [ORDERS, f"{ORDERS}/{UUID(int=0)}", "/nowhere", "/", "/dev/mailbox"])
def test_every_answer_carries_a_request_id_of_its_own(path: str, anonymous: APIClient) -> None:
    first, second = anonymous.get(path), anonymous.get(path)

    assert UUID(first["X-Request-Id"]) != UUID(second["X-Request-Id"])


def test_all_that_follows_from_a_request_carries_its_id(
    api: APIClient, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    response = api.post(ORDERS, order_json(), format="json", headers={"Idempotency-Key": "k"})
    drain_all()

    story = Event.objects.filter(partition_key=response.json()["id"])
    assert story.count() > 5
    assert set(story.values_list("correlation_id", flat=True)) == {response["X-Request-Id"]}
    assert set(story.values_list("actor", flat=True)) == {story.get(type="order.placed").actor}


def test_a_request_id_is_ours_to_give_and_not_the_client_s(api: APIClient, mugs: StockLevel) -> None:
    headers = {"Idempotency-Key": "k", "X-Request-Id": "mine"}

    response = api.post(ORDERS, order_json(), format="json", headers=headers)

    assert response["X-Request-Id"] != "mine"
    assert Event.objects.get(type="order.placed").correlation_id == response["X-Request-Id"]


def test_the_trace_of_a_request_is_carried_through_its_whole_story(
    api: APIClient, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    headers = {"Idempotency-Key": "k", "traceparent": TRACE}

    response = api.post(ORDERS, order_json(), format="json", headers=headers)
    drain_all()

    story = Event.objects.filter(partition_key=response.json()["id"])
    assert set(story.values_list("traceparent", flat=True)) == {TRACE}


@pytest.mark.parametrize(
    "sent", ["", "nonsense", TRACE.upper(), f"{TRACE}\n", f" {TRACE}x", TRACE.replace("-", "_"), "0" * 10_000]
)
def test_a_trace_that_is_none_is_dropped(sent: str, api: APIClient, mugs: StockLevel) -> None:
    headers = {"Idempotency-Key": "k", "traceparent": sent}

    response = api.post(ORDERS, order_json(), format="json", headers=headers)

    assert response.status_code == 201
    assert Event.objects.get(type="order.placed").traceparent == ""


def test_two_requests_do_not_know_of_each_other(api: APIClient, mugs: StockLevel) -> None:
    first, second = (
        api.post(ORDERS, order_json(), format="json", headers={"Idempotency-Key": key}) for key in ("a", "b")
    )

    told = Event.objects.filter(type="order.placed").order_by("id").values_list("correlation_id", flat=True)
    assert list(told) == [first["X-Request-Id"], second["X-Request-Id"]]
