"""The tree of categories."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.api import conditional
from shop.api.permissions import Anyone
from shop.catalogue.api import schema
from shop.catalogue.api.serializers.shown import CategoriesSerializer
from shop.catalogue.models import Category


class Categories(APIView):
    permission_classes = [Anyone]

    @schema.CATEGORIES
    @conditional.tagged
    def get(self, request: Request) -> Response:
        return Response(CategoriesSerializer(Category.objects.all()).data)
