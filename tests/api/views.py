"""Views that fail, each in its own way."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from psycopg_pool import PoolTimeout
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.api.problems import Problem

_ERRORS: dict[str, Exception] = {
    "bug": ZeroDivisionError("a secret of ours"),
    "forbidden": PermissionDenied("a secret of ours"),
    "throttled": Throttled(wait=3),
    "database-away": OperationalError("a secret of ours"),
    "pool-empty": PoolTimeout("a secret of ours"),
    "with-facts": Problem(409, "not_now", "Not now.", headers={"Retry-After": "9"}, allowed_transitions=["cancelled"]),
    "nested": ValidationError({"a": [{}, {"b": ["wrong", "bad"]}], "c~/d": {"non_field_errors": ["odd"]}}),
    "plain": ValidationError("odd"),
}


class Fails(APIView):
    authentication_classes = ()
    permission_classes: tuple[type[BasePermission], ...] = ()

    def get(self, request: Request, how: str) -> Response:
        raise _ERRORS[how]


def outside_of_rest(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("a secret of ours")


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("a secret of ours")


handler400 = "shop.api.problems.bad_request"
handler404 = "shop.api.problems.not_found"
handler500 = "shop.api.problems.server_error"

urlpatterns = [
    path("fails/<str:how>", Fails.as_view()),
    path("outside", outside_of_rest),
    path("suspicious", suspicious),
]
