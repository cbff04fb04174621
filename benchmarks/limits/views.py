"""Views that do nothing, to be served as the shop is: a bare WSGI application, and one of Django REST framework."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Nothing(APIView):
    def get(self, request: Request) -> Response:  # noqa: ARG002 - DRF hands it over
        return Response({"id": ""})


urlpatterns = [path("nothing", Nothing.as_view())]
framework = get_wsgi_application()


def bare(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:  # noqa: ARG001 - PEP 3333
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"{}"]
