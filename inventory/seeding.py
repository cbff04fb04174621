"""Stock for the demo products."""

from inventory import services
from inventory.models import StockLevel
from shop.catalogue.models import Variant

_SCARCE = {"LAMP-BLACK": 1, "BLANKET-SAND": 0}


def seed() -> str | None:
    """Lay plenty of everything on the shelf, except for a few scarce things, once."""
    if StockLevel.objects.exists():
        return None
    skus = Variant.objects.values_list("sku", flat=True)
    services.open_levels(pieces={sku: _SCARCE.get(sku, 100_000) for sku in skus}, low_at=5)
    return "stock for every product; BLANKET-SAND is sold out"
