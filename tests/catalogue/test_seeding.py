import pytest

from shop.catalogue import pictures, seeding
from shop.catalogue.events import ProductCreated
from shop.catalogue.models import Category, Image, Price, Product, Variant
from tests.catalogue.conftest import sell
from tests.conftest import Published

pytestmark = pytest.mark.django_db


def test_fifty_products_are_seeded_once_each_variant_with_its_prices(published: Published) -> None:
    first, second = seeding.seed(), seeding.seed()

    variants = Variant.objects.count()
    assert first == f"50 products in {variants} variants, MUG-BLUE among them"
    assert second is None
    assert Product.objects.count() == len(published.of(ProductCreated)) == 50
    assert Price.objects.count() == 3 * variants
    assert Price.objects.get(variant__sku="MUG-BLUE", currency="EUR").amount == 1200
    assert Variant.objects.filter(sku__in=["MUG-BLUE", "LAMP-BLACK", "BLANKET-SAND", "T-SHIRT-RED-M"]).count() == 4


def test_every_product_stands_in_a_category_and_has_pictures_that_are_drawn_here() -> None:
    seeding.seed()

    urls = set(Image.objects.values_list("url", flat=True))
    assert not Product.objects.filter(category=None).exists()
    assert not Product.objects.filter(images=None).exists()
    assert not Category.objects.filter(parent=None, children=None).exists()
    for url in urls:
        shape, _, colour = url.removeprefix("/media/demo/").removesuffix(".svg").rpartition("-")
        assert pictures.draw(shape, colour).startswith("<svg")


def test_a_catalogue_that_has_something_already_is_left_alone() -> None:
    sell("Mine")

    assert seeding.seed() is None
    assert Product.objects.count() == 1
