"""`GET /`: where things are, for whoever opens the address that `make run` prints."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def index(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """The addresses that this shop answers at."""
    places = {
        "docs": "/api/docs",
        "openapi": "/api/v1/openapi.json",
        "asyncapi": "/api/v1/asyncapi.json",
        "accounts": "/_allauth/app/v1/config",
        "products": "/api/v1/products",
        "orders": "/api/v1/orders",
        "events": "/api/v1/events",
        "admin": "/admin/",
    }
    return JsonResponse(places | ({"mailbox": "/dev/mailbox"} if settings.DEVELOPMENT else {}))
