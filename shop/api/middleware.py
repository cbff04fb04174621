"""Each request gets an id, which its answer, its events and everything that follows them carry."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from uuid_utils.compat import uuid7

from shop.api.problems import Problem, plain
from shop.bus import Context, describe, spans, within

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C Trace Context


def request_context(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: name the request, and let what it causes know of it. `X-Request-Id` tells the client."""

    def handle(request: HttpRequest) -> HttpResponse:
        request_id = str(uuid7())
        traceparent = request.headers.get("traceparent", "")
        context = Context(
            correlation=request_id,
            causation=request_id,
            actor="anonymous",
            traceparent=traceparent if _TRACEPARENT.fullmatch(traceparent) else "",
        )
        request.META["shop.request_id"] = request_id
        with spans(f"{request.method}", [context]) as (traced,), within(traced):
            response = get_response(request)
            match = request.resolver_match
            describe(f"{request.method} {match.route if match else ''}", status=response.status_code)
        response["X-Request-Id"] = request_id
        response.headers.setdefault("Cache-Control", "no-store")  # who means otherwise says so
        return response

    return handle


def with_a_length(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: WSGI reads nothing of a body that comes in chunks without a length, so say what is wrong with it."""

    def handle(request: HttpRequest) -> HttpResponse:
        if "Transfer-Encoding" not in request.headers:
            return get_response(request)
        return plain(Problem(411, "length_required", "Send the body with its Content-Length, not in chunks."), request)

    return handle
