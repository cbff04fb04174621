from django.urls import path

from shop.catalogue.api import addresses  # noqa: F401 - reading it makes `sku` known
from shop.catalogue.api.views import Categories, ProductViewSet

urlpatterns = [
    path("categories", Categories.as_view()),
    path("products", ProductViewSet.as_view({"get": "list", "post": "create"})),
    path("products/bulk", ProductViewSet.as_view({"post": "bulk"})),
    path("products/<uuid:pk>", ProductViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("products/<uuid:pk>/archival", ProductViewSet.as_view({"post": "archive", "delete": "restore"})),
    path("products/<uuid:pk>/variants/<sku:sku>/prices/<slug:currency>", ProductViewSet.as_view({"put": "price"})),
    path("products/<slug:slug>", ProductViewSet.as_view({"get": "find"})),
]
