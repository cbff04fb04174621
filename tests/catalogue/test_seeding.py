import pytest

from shop.catalogue import seeding
from shop.catalogue.models import Price, Product

pytestmark = pytest.mark.django_db


def test_fifty_products_are_seeded_once_each_with_its_prices() -> None:
    first, second = seeding.seed(), seeding.seed()

    assert first == "50 products, MUG-BLUE among them"
    assert second is None
    assert Product.objects.count() == 50
    assert {price.currency for price in Price.objects.all()} == {"EUR", "USD"}
    assert Price.objects.count() == 100
    assert Price.objects.get(product__sku="MUG-BLUE", currency="EUR").amount == 1200


def test_a_catalogue_that_has_something_already_is_left_alone() -> None:
    Product(sku="MINE", name="Mine").save()

    assert seeding.seed() is None
    assert Product.objects.count() == 1
