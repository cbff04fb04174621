"""What stock tells on pages that belong to nobody alone."""

from django.db.models import F

from inventory.models import StockLevel
from shop.admin.dashboard import Figure, Listing, remembered
from shop.users.models import User

_MOST = 1_000  # counted; more is more
_SHOWN = 8

Low = list[tuple[str, str, int, int]]


def on_dashboard(viewer: User) -> list[Figure | Listing]:
    """What is low, the emptiest first."""
    if not viewer.has_perm("inventory.view_stocklevel"):
        return []
    low = remembered("low stock", _low)
    cards: list[Figure | Listing] = [
        Figure(
            title="Low stock",
            value=f"{len(low):,}" + ("+" if len(low) == _MOST else ""),
            note="to be ordered" if low else "nothing is low",
            tone="warning" if low else "success",
        )
    ]
    if low:
        cards.append(Listing(title="Low stock", headers=["SKU", "Place", "Available", "Low at"], rows=low[:_SHOWN]))
    return cards


def _low() -> Low:
    levels = StockLevel.objects.annotate(free=F("on_hand") - F("reserved"))
    low = levels.filter(low_at__gt=0, low_at__gte=F("free")).order_by("free", "sku")
    return list(low.values_list("sku", "location", "free", "low_at")[:_MOST])
