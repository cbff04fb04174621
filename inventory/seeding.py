"""Stock for the demo products."""

from inventory.models import StockLevel
from shop.catalogue.models import Variant
from shop.states import bulk_save

_SCARCE = {"LAMP-BLACK": 1, "BLANKET-SAND": 0}


def seed() -> str | None:
    """Lay plenty of everything on the shelf, except for a few scarce things, once."""
    if StockLevel.objects.exists():
        return None
    skus = Variant.objects.values_list("sku", flat=True)
    bulk_save([StockLevel(sku=sku, on_hand=_SCARCE.get(sku, 100_000)) for sku in skus])
    return "stock for every product; BLANKET-SAND is sold out"
