from django.urls import path

from inventory.api.levels import LevelViewSet
from inventory.api.views import Adjustments, Stock
from shop.catalogue.api import addresses  # noqa: F401 - reading it makes `sku` known

urlpatterns = [
    path("stock", LevelViewSet.as_view({"get": "list"})),
    path("stock/<sku:sku>", Stock.as_view()),
    path("adjustments", Adjustments.as_view()),
]
