"""Spans as the exporter gets them: each in the trace of its own story, and without what somebody wrote."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from shop.bus import Context, describe, gather, publish, spans, subscribe, trace_with, within
from shop.bus.models import Event as Logged
from tests.bus.facts import LampLit, LampPutOut

sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="the extra `telemetry` is not installed")

from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402 - only where there is such a thing
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: E402

from shop.operations.traces import Traces  # noqa: E402

A, B = "a" * 32, "b" * 32


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    """What this process traces while the test runs."""
    exporter = InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace_with(Traces(provider.get_tracer("tests")))
    yield exporter
    trace_with(None)


def _context(trace: str, *, sampled: bool = True) -> Context:
    return Context("request", "request", traceparent=f"00-{trace}-00f067aa0ba902b7-0{int(sampled)}")


def _told(exported: InMemorySpanExporter) -> list[tuple[str, str]]:
    return [(span.name, f"{span.context.trace_id:032x}") for span in exported.get_finished_spans()]


@pytest.mark.django_db(transaction=True)
def test_events_that_are_handled_in_one_go_stay_in_their_own_traces(
    exported: InMemorySpanExporter, drain_all: Callable[[], None]
) -> None:
    @subscribe(LampLit, many=True)
    def put_out(events: Sequence[LampLit]) -> None:
        for event in events:
            publish(LampPutOut(lamp=event.lamp))

    with gather():
        for lamp, trace in (("a", A), ("b", B)):
            with within(_context(trace)):
                publish(LampLit(lamp=lamp))
    drain_all()

    assert sorted(_told(exported)) == [("test_traces.put_out", A), ("test_traces.put_out", B)]
    parents = {
        f"{span.context.trace_id:032x}": f"{span.context.span_id:016x}" for span in exported.get_finished_spans()
    }
    told = {event.partition_key: event.traceparent for event in Logged.objects.filter(type="lamp.put_out")}
    assert told == {"a": f"00-{A}-{parents[A]}-01", "b": f"00-{B}-{parents[B]}-01"}


def test_a_failure_is_told_by_its_kind_and_not_by_what_it_says(exported: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="ada"), spans("try", [_context(A)]):
        raise ValueError("ada@example.com lives here")

    (span,) = exported.get_finished_spans()
    assert (span.status.is_ok, span.status.description, list(span.events)) == (False, "ValueError", [])


def test_a_span_gets_its_name_when_it_is_known(exported: InMemorySpanExporter) -> None:
    with spans("GET", [_context(A)]):
        describe("GET api/v1/orders", status=200)

    (span,) = exported.get_finished_spans()
    assert span.name == "GET api/v1/orders"
    assert (span.attributes or {})["status"] == 200


def test_who_wants_no_trace_of_a_request_gets_none(exported: InMemorySpanExporter) -> None:
    with spans("GET", [_context(A, sampled=False)]) as (context,):
        assert context.traceparent.startswith(f"00-{A}-")

    assert _told(exported) == []


def test_without_a_tracer_contexts_stay_as_they_are() -> None:
    contexts = [_context(A)]

    with spans("GET", contexts) as same:
        describe("nothing")

    assert same is contexts
