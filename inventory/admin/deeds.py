"""What staff do with a stock level, each on a page that asks first; see `shop.admin.deeds`."""

from typing import Any

from inventory import services
from inventory.models import StockLevel
from shop.admin import fields
from shop.admin.deeds import Deed
from shop.users.models import User

_REFUSALS = {
    "stock_reserved": "That would take pieces that are held for orders.",
    "no_change": "So many lie there already.",
    "too_many": f"A place holds {services.MOST_PIECES:,} pieces at most.",
    "on_hand_changed": "Something else lies there by now.",
}


class LevelDeed(Deed):
    row: StockLevel
    subject = "stock"

    def noted(self) -> dict[str, Any]:
        level = self.row
        place = {"sku": level.sku, "location": level.location}
        return place | {"on_hand": level.on_hand, "reserved": level.reserved, "low_at": level.low_at}


class Adjust(LevelDeed):
    title = "Adjust"
    button = "Adjust"
    action = "stock.adjusted"
    refusals = (services.NotPossible,)

    delta = fields.Pieces(
        min_value=-services.MOST_PIECES,
        max_value=services.MOST_PIECES,
        label="Pieces more or less",
        help_text="3 for three more than written down, -3 for three fewer.",
    )
    reason = fields.Reason(help_text="Kept with the adjustment.")

    def told(self) -> str:
        level = self.row
        return f"{level.on_hand} lie there, {level.reserved} of them held for orders, and {level.available} are free."

    def do(self, by: User) -> str:
        level, told = self.row, self.cleaned_data
        made = services.adjust(
            sku=level.sku, location=level.location, delta=told["delta"], reason=told["reason"], by=by
        )
        return f"{made.delta:+} {made.sku}: {made.on_hand} lie there now."

    def explain(self, refusal: Exception) -> str:
        return _REFUSALS[refusal.code] if isinstance(refusal, services.NotPossible) else str(refusal)


class Mind(LevelDeed):
    title = "Mind"
    button = "Keep"
    action = "stock.low_mark_changed"

    low_at = fields.Pieces(
        min_value=0,
        max_value=services.MOST_PIECES,
        label="Low at",
        help_text="Staff are told when no more than so many are free; 0 for never.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["low_at"].initial = self.row.low_at

    def do(self, by: User) -> str:
        level = services.mind(sku=self.row.sku, location=self.row.location, low_at=self.cleaned_data["low_at"])
        return f"{level.sku} is low at {level.low_at}." if level.low_at else f"Nobody minds how low {level.sku} is."
