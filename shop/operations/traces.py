"""Traces by OpenTelemetry: one from the request through every event and handler to the mail.

A span carries names, ids and numbers; neither addresses nor what an exception says, which may quote somebody's data.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from celery.signals import worker_process_shutdown
from django.conf import settings
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shop.bus import Context, trace_with

_w3c = TraceContextTextMapPropagator()


class Traces:
    """What the bus and the web ask for spans."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    @contextmanager
    def spans(self, name: str, contexts: Sequence[Context]) -> Iterator[Sequence[Context]]:
        """A span in each context's own trace: events of many stories may be handled in one go."""
        with ExitStack() as stack:
            yield [stack.enter_context(self._span(name, context, len(contexts))) for context in contexts]

    def describe(self, name: str, **facts: str | int) -> None:
        span = trace.get_current_span()
        span.update_name(name)
        span.set_attributes(facts)

    @contextmanager
    def _span(self, name: str, context: Context, together: int) -> Iterator[Context]:
        with self._tracer.start_as_current_span(
            name,
            context=_w3c.extract({"traceparent": context.traceparent}),
            attributes={"request_id": context.correlation, "caused_by": context.causation, "together": together},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield replace(context, traceparent=_traceparent(span.get_span_context()))
            except Exception as error:
                span.set_status(trace.StatusCode.ERROR, type(error).__name__)
                raise


def begin() -> None:
    """Trace this process. The exporter reads its own settings from the environment."""
    resource = Resource.create({"service.name": f"shop {settings.ROLE}"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace_with(Traces(provider.get_tracer("shop")))

    def send_the_rest(**_signal: object) -> None:
        provider.shutdown()

    worker_process_shutdown.connect(send_the_rest, weak=False)  # a child of Celery's ends without Python's own goodbye


def _traceparent(span: trace.SpanContext) -> str:
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"
