import pytest

from inventory import seeding
from inventory.events import StockChanged
from inventory.models import StockLevel
from shop.catalogue import seeding as catalogue
from shop.catalogue.models import Variant
from tests.conftest import Published

pytestmark = pytest.mark.django_db


def test_every_product_gets_stock_once_and_a_few_are_scarce(published: Published) -> None:
    catalogue.seed()

    assert seeding.seed() == "stock for every product; BLANKET-SAND is sold out"
    assert seeding.seed() is None
    levels = dict(StockLevel.objects.values_list("sku", "on_hand"))
    assert len(levels) == Variant.objects.count() > 200
    assert (levels["MUG-BLUE"], levels["LAMP-BLACK"], levels["BLANKET-SAND"]) == (100_000, 1, 0)
    assert len(published.of(StockChanged)) == len(levels)
