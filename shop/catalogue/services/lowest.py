"""Where products' prices begin, noted anew whenever one of them changes."""

from collections.abc import Collection

from django.db.models import Min

from shop.catalogue.models import LowestPrice, Price, Product


def note_lowest(products: Collection[Product]) -> None:
    """Note the lowest prices of locked products, or of new ones."""
    found = Price.objects.filter(variant__product__in=products).order_by()
    lowest = found.values_list("variant__product", "currency").annotate(Min("amount"))
    noted = [LowestPrice(product_id=product, currency=code, amount=amount) for product, code, amount in lowest]
    LowestPrice.objects.filter(product__in=products).delete()
    LowestPrice.objects.bulk_create(noted)
