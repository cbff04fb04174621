"""A shop of fifty products, as `demo/products.toml` has it."""

import tomllib
from itertools import product
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from shop.bus import gather
from shop.catalogue import services
from shop.catalogue.models import Category, Product
from shop.catalogue.services import NewImage, NewVariant
from shop.money import Money

_PRODUCTS = Path(__file__).parent / "demo" / "products.toml"


def seed() -> str | None:
    """Make the demo's categories and products, once."""
    if Product.objects.exists():
        return None
    told = tomllib.loads(_PRODUCTS.read_text())
    with gather():
        categories = _categories(told["categories"])
        variants = [_sell(each, categories, told["currencies"]) for each in told["products"]]
    return f"{len(variants)} products in {sum(variants)} variants, MUG-BLUE among them"


def _categories(told: list[dict[str, str]]) -> dict[str, Category]:
    """Parents stand before those below them."""
    made: dict[str, Category] = {}
    for position, each in enumerate(told):
        parent = made.get(each.get("parent", ""))
        made[each["slug"]] = Category(slug=each["slug"], name=each["name"], parent=parent, position=position)
    Category.objects.bulk_create(made.values())
    return made


def _sell(told: dict[str, Any], categories: dict[str, Category], currencies: list[str]) -> int:
    """Make a product of each colour in each size; returns how many variants those are."""
    prices = [Money(amount, currency) for amount, currency in zip(told["prices"], currencies, strict=True)]
    chosen = [
        {"colour": colour} | ({"size": size} if size else {})
        for colour, size in product(told["colours"], told.get("sizes", [""]))
    ]
    services.create(
        slug=slugify(told["name"]),
        name=told["name"],
        description=told["description"],
        category=categories[told["category"]],
        variants=[
            NewVariant(sku="-".join([told["sku"], *options.values()]).upper(), options=options, prices=prices)
            for options in chosen
        ],
        images=[
            NewImage(url=f"/media/demo/{told['shape']}-{colour}.svg", alt=f"{told['name']} in {colour}")
            for colour in told["colours"]
        ],
    )
    return len(chosen)
