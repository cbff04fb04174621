"""What is sold in tests."""

from shop.catalogue import services
from shop.catalogue.models import Product
from shop.catalogue.services import NewVariant
from shop.money import Money


def offer(sku: str, name: str = "Thing", *, amount: int = 1000, currency: str = "EUR") -> Product:
    """A product with one variant at one price, in minor units."""
    variant = NewVariant(sku=sku, prices=[Money(amount, currency)])
    return services.create(slug=sku.lower(), name=name, variants=[variant])
