"""Limits: so many requests of one caller in so many seconds, told on every answer (IETF draft on RateLimit headers).

Counters live in Redis behind the cache's circuit. With Redis away nobody is counted, and everybody is let in.
"""

from collections.abc import Callable
from time import time as now
from typing import TYPE_CHECKING, NamedTuple, cast

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from shop.cache import Cache

if TYPE_CHECKING:  # DRF's views import this limit while they are imported themselves
    from rest_framework.views import APIView


class Policy(NamedTuple):
    """A limit by its name: `quota` requests in each window of `seconds`."""

    name: str
    quota: int
    seconds: int

    def __str__(self) -> str:
        return f'"{self.name}";q={self.quota};w={self.seconds}'


class Standing(NamedTuple):
    """How a caller stands: how much of the window is used (None while Redis is away), and when the next one begins."""

    policy: Policy
    used: int | None
    resets_in: int

    def __str__(self) -> str:
        left = max(0, self.policy.quota - (self.used or 0))
        return f'"{self.policy.name}";r={left};t={self.resets_in}'


class Limit(BaseThrottle):
    """Counts each request against its caller: a user by their id, a stranger by their address.

    A view may name another policy for an action of its own: `limits = {"create": "sign-ups"}`.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        caller = f"user:{request.user.pk}" if request.user.is_authenticated else str(self.get_ident(request))
        self.standing = _count(_policy(request, view), caller)
        request.META["shop.standing"] = self.standing
        return self.standing.used is None or self.standing.used <= self.standing.policy.quota

    def wait(self) -> float:
        return float(self.standing.resets_in)


def tell_standing(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the headers `RateLimit-Policy`, and `RateLimit` where the count is known."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        standing: Standing | None = request.META.get("shop.standing")
        if standing:
            response["RateLimit-Policy"] = str(standing.policy)
            if standing.used is not None:
                response["RateLimit"] = str(standing)
        return response

    return handle


def _policy(request: Request, view: "APIView") -> Policy:
    special: str | None = getattr(view, "limits", {}).get(getattr(view, "action", None))
    name = special or ("callers" if request.user.is_authenticated else "strangers")
    return Policy(name, *settings.RATE_LIMITS[name])


def _count(policy: Policy, caller: str) -> Standing:
    """Fixed windows: one round trip, and a counter that Redis forgets by itself."""
    window, passed = divmod(int(now()), policy.seconds)
    used = cast("Cache", caches["default"]).count(f"limit:{policy.name}:{caller}:{window}", policy.seconds)
    return Standing(policy, used, policy.seconds - passed)
