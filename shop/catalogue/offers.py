"""What can be bought just now, and for how much: asked by every order, so in one prepared statement."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shop.catalogue.models.variants import title_of
from shop.prepared import prepared


class Offer(NamedTuple):
    """A variant that is for sale: what it is called, and the price of one piece in minor units."""

    name: str
    amount: int


_OFFERS = """
SELECT variant.sku, product.name, variant.options::text, price.amount
FROM catalogue_variant AS variant
JOIN catalogue_product AS product ON product.id = variant.product_id
JOIN catalogue_price AS price ON price.variant_id = variant.id
WHERE variant.sku = ANY(%s::text[]) AND product.active AND price.currency = %s
"""


def offers(skus: Sequence[str], currency: str) -> Mapping[str, Offer]:
    """What is for sale of these SKUs in this currency."""
    with prepared() as cursor:
        cursor.execute(_OFFERS, [list(skus), currency])
        return {
            sku: Offer(title_of(product, json.loads(options)), amount)
            for sku, product, options, amount in cursor.fetchall()
        }
