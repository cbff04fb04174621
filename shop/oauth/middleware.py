"""What allauth's OAuth endpoints hand to the database unseen is looked at first."""

from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from psycopg_pool import PoolTimeout

_OURS = "/identity/"


class SoundRequests:
    """NUL, which PostgreSQL cannot take, is an invalid request; a database that is away is said to be."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponseBase | None:
        if request.path.startswith(_OURS) and _has_nul(request):
            return JsonResponse({"error": "invalid_request", "error_description": "NUL is no character."}, status=400)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if request.path.startswith(_OURS) and isinstance(exception, OperationalError | PoolTimeout):
            return JsonResponse({"error": "temporarily_unavailable"}, status=503, headers={"Retry-After": "2"})
        return None


def _has_nul(request: HttpRequest) -> bool:
    sent = (text for form in (request.GET, request.POST) for name, values in form.lists() for text in (name, *values))
    return any("\0" in text for text in sent)
