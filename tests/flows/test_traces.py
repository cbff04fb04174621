"""One trace from the request through every worker to the mail, in the programs as they are shipped."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.flows import programs
from tests.flows.customers import Customer
from tests.flows.programs import Program, Web, running
from tests.processes import eventually
from tests.receivers import Receiver, receiver
from tests.shopping import ADDRESS, order_json

proto = pytest.importorskip(
    "opentelemetry.proto.collector.trace.v1.trace_service_pb2", reason="the extra `telemetry` is not installed"
)

pytestmark = [
    pytest.mark.usefixtures("mugs"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("flows"),
]

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def collector() -> Iterator[Receiver]:
    with receiver() as collector:
        yield collector


@pytest.fixture(scope="module")
def environment(django_db_setup: None, collector: Receiver) -> dict[str, str]:
    quick = {"OTEL_BSP_SCHEDULE_DELAY": "200", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    return programs.environment(WORKERS="combined", **quick)


@pytest.fixture(scope="module")
def url(environment: dict[str, str], folder: Path) -> Iterator[str]:
    web = Web(folder, environment)
    with running(web):
        yield web.url


@pytest.fixture(scope="module")
def workers(environment: dict[str, str], folder: Path) -> Iterator[dict[str, Program]]:
    with programs.workers(folder, environment) as workers:
        yield workers


def _roots(spans: dict[str, tuple[str, str, str]]) -> list[str]:
    return [name for name, parent, _ in spans.values() if parent not in spans]


def _spans(collector: Receiver) -> dict[str, tuple[str, str, str]]:
    """Name, parent and service of every span of our trace, by its id."""
    return {
        span.span_id.hex(): (span.name, span.parent_span_id.hex(), _service(resource.resource))
        for body in list(collector.bodies)
        for resource in proto.ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
        if span.trace_id.hex() == TRACE
    }


def _service(resource: Any) -> str:  # protobuf's own type
    names = (each.value.string_value for each in resource.attributes if each.key == "service.name")
    return str(next(names))


def test_an_order_is_one_trace_from_the_request_to_the_mail(
    customer: Customer, workers: dict[str, Program], collector: Receiver, all_is_well: Callable[..., None]
) -> None:
    headers = {"Idempotency-Key": str(uuid4()), "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}

    placed = customer.http.post("/orders", json=order_json(), headers=headers)
    customer.settled(placed.json()["id"])
    all_is_well()

    wanted = {
        *("POST api/v1/orders", "inventory.reserve_stock", "orders.note_stock_held", "payments.authorise_payment"),
        *("payments.ask_gateway call", "payments.ask_gateway settle", "notifications.send_receipt call"),
    }
    eventually(lambda: {name for name, _, _ in _spans(collector).values()} >= wanted, "all have told")
    eventually(lambda: _roots(_spans(collector)) == ["POST api/v1/orders"], "whoever was waited for has told as well")
    spans = _spans(collector)
    assert {service for _, _, service in spans.values()} == {"shop web", "shop worker"}
    told = b"".join(collector.bodies)
    for personal in ("ada@example.com", ADDRESS["line1"], ADDRESS["name"] + " ", customer.token):
        assert personal.encode() not in told
