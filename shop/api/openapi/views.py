"""`/api/v1/openapi.json`, and `/api/docs` to read and try it; both work offline."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.api import conditional
from shop.api.openapi import document
from shop.api.permissions import Anyone

# Swagger UI sets styles from its script and shows images from data URLs.
_PAGE = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "connect-src": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
    "form-action": [NONE],
}


class OpenApiDocument(APIView):
    authentication_classes = ()
    permission_classes = [Anyone]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return conditional.published(request, document.committed())


@method_decorator(csp_replace(_PAGE), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    """Swagger UI, with its script in a file of its own, so that the page needs no inline script."""

    authentication_classes = ()
    throttle_classes = ()
    url = "/api/v1/openapi.json"
    title = "Shop API"
