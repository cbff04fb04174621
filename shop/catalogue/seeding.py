"""About fifty things to sell."""

from itertools import product

from shop.catalogue.models import Price, Product
from shop.states import bulk_save

_THINGS = {
    "Mug": (1200, "Stoneware, 350 ml, dishwasher safe."),
    "T-Shirt": (2400, "Organic cotton, unisex."),
    "Notebook": (900, "192 dotted pages, lies flat."),
    "Tote Bag": (1500, "Canvas, carries ten kilos."),
    "Cap": (1900, "Washed cotton, adjustable."),
    "Bottle": (2900, "Steel, keeps warm for twelve hours."),
    "Poster": (1700, "A2, heavy matt paper."),
    "Socks": (1100, "Merino, two pairs."),
    "Lamp": (5900, "Folding desk lamp, warm light."),
    "Blanket": (7900, "Recycled wool, 130 by 180 cm."),
}
_COLOURS = ("Blue", "Red", "Green", "Sand", "Black")


def seed() -> str | None:
    """Make the demo products with prices in euros and dollars, once."""
    if Product.objects.exists():
        return None
    made = [
        Product(
            sku=f"{thing}-{colour}".upper().replace(" ", "-"),
            name=f"{colour} {thing.lower()}",
            description=told,
        )
        for (thing, (_, told)), colour in product(_THINGS.items(), _COLOURS)
    ]
    amounts = [amount for (amount, _), _ in product(_THINGS.values(), _COLOURS)]
    bulk_save(made)
    Price.objects.bulk_create(
        Price(product=each, currency=currency, amount=amount)
        for each, amount in zip(made, amounts, strict=True)
        for currency in ("EUR", "USD")
    )
    return f"{len(made)} products, {made[0].sku} among them"
