"""What is sold, in which shapes, and for how much.

A product is the guarded whole. Its variants, prices and images are rows of their own, which services write together
with it: the product's version and its news stand for all of them.
"""

from shop.catalogue.models.availability import Availability
from shop.catalogue.models.categories import Category
from shop.catalogue.models.prices import LowestPrice, Price
from shop.catalogue.models.products import Image, Product
from shop.catalogue.models.variants import Variant

__all__ = ["Availability", "Category", "Image", "LowestPrice", "Price", "Product", "Variant"]
