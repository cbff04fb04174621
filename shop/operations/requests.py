"""Requests as figures: how many by route and kind of answer, and how long they took.

Routes are the shop's own patterns, so nobody who makes up addresses makes up figures.
"""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_requests = Counter(
    "shop_requests", "Requests answered, by route and class of status.", ["method", "route", "status_class"]
)
_seconds = Histogram(
    "shop_request_seconds",
    "From the first middleware to the whole answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


def count_requests(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: count each request and its time."""

    def handle(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        note(request, response.status_code, time.perf_counter() - began)
        return response

    return handle


def note(request: HttpRequest, status: int, seconds: float) -> None:
    """Count one request that was answered."""
    match = request.resolver_match
    route = match.route if match else "none"
    method = request.method if request.method in _METHODS else "other"
    _requests.labels(method, route, f"{status // 100}xx").inc()
    _seconds.labels(method, route).observe(seconds)
