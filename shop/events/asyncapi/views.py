"""`/api/v1/asyncapi.json`: the document, for anyone."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.api.conditional import published
from shop.api.permissions import Anyone
from shop.events.asyncapi import document


class AsyncApiDocument(APIView):
    authentication_classes = ()
    permission_classes = [Anyone]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return published(request, document.committed())
