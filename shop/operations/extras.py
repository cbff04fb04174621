"""What is there only where a setting asks for it: traces, and reports of errors. Nothing is imported otherwise."""

from importlib import import_module

from celery.signals import worker_process_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def begin() -> None:
    """Begin what the settings ask for. Raises `ImproperlyConfigured` where its extra is not installed."""
    if settings.SENTRY_DSN:
        _begin("shop.operations.reports", setting="SENTRY_DSN", extra="sentry")
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return
    if settings.ROLE == "web":
        _begin_traces()
    elif settings.ROLE == "worker":  # spans leave from a thread, so each child begins after it was forked
        worker_process_init.connect(_begin_traces, dispatch_uid="shop.traces")


def _begin_traces(**_signal: object) -> None:
    _begin("shop.operations.traces", setting="OTEL_EXPORTER_OTLP_ENDPOINT", extra="telemetry")


def _begin(module: str, *, setting: str, extra: str) -> None:
    try:
        loaded = import_module(module)
    except ModuleNotFoundError as error:
        raise ImproperlyConfigured(f"{setting} is set, and the extra `{extra}` is not installed: {error}.") from error
    loaded.begin()
