"""The catalogue in the admin. What changes about a product goes through its services, so that it is told."""

from shop.catalogue.admin.categories import CategoryAdmin as CategoryAdmin
from shop.catalogue.admin.products import ProductAdmin as ProductAdmin
