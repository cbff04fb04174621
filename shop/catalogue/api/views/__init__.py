"""The catalogue over HTTP."""

from shop.catalogue.api.views.categories import Categories
from shop.catalogue.api.views.staff import ProductViewSet

__all__ = ["Categories", "ProductViewSet"]
