import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from inventory.models import StockLevel
from shop.catalogue.models import Category, LowestPrice, Price, Product, Variant

pytestmark = pytest.mark.django_db


def test_a_variant_is_called_by_its_product_and_its_options(shirt: Product) -> None:
    small = Variant.objects.get(sku="SHIRT-S")

    assert (small.title, str(small)) == ("Cotton shirt (S)", "Cotton shirt (S) (SHIRT-S)")
    assert str(shirt) == "Cotton shirt"


def test_a_title_fits_where_orders_keep_it(shirt: Product) -> None:
    shirt.name = "x" * 200

    assert len(Variant(product=shirt, options={"size": "S"}).title) == 200


def test_what_postgresql_finds_products_by_is_not_read_with_them(shirt: Product) -> None:
    assert Product.objects.get().get_deferred_fields() == {"search"}


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("catalogue_price SET amount = -1", "amount_check"),
        ("catalogue_price SET currency = 'eur'", "price_currency_is_a_code"),
        ("catalogue_price SET currency = ''", "price_currency_is_a_code"),
        ("catalogue_price SET currency = 'EURO'", "too long"),
        ("catalogue_price SET variant_id = NULL", "null value"),
        ("catalogue_lowestprice SET currency = 'eu'", "lowest_price_currency_is_a_code"),
        ("catalogue_variant SET sku = ''", "variant_sku_is_one"),
        ("catalogue_variant SET sku = 'A,B'", "variant_sku_is_one"),
        ("catalogue_variant SET sku = E'A\\n'", "variant_sku_is_one"),
        ("catalogue_variant SET options = NULL", "null value"),
        ("catalogue_product SET slug = 'Shirt'", "product_slug_is_one"),
        ("catalogue_product SET slug = '-shirt'", "product_slug_is_one"),
        ("catalogue_product SET slug = 'bulk'", "product_slug_is_one"),
        ("catalogue_product SET slug = '0199ab3c-4f0e-7d3b-9a52-1f6f0c9c6f10'", "product_slug_is_one"),
        ("catalogue_product SET search = ''", "can only be updated to DEFAULT"),
        ("catalogue_image SET url = 'javascript:alert(1)'", "image_url_is_harmless"),
        ("catalogue_image SET url = '//evil.example'", "image_url_is_harmless"),
        ("catalogue_image SET url = 'http://example.com/a.png'", "image_url_is_harmless"),
    ],
)
def test_the_database_refuses_what_makes_no_catalogue(
    change: str, guard: str, mugs: StockLevel, shirt: Product
) -> None:
    with pytest.raises(DatabaseError, match=guard), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {change}")


def test_the_database_knows_one_price_per_variant_and_currency(mugs: StockLevel) -> None:
    with pytest.raises(IntegrityError, match="price_once_per_currency"), transaction.atomic():
        Price(variant=Variant.objects.get(), currency="EUR", amount=1).save()


def test_the_database_knows_one_lowest_price_per_product_and_currency(mugs: StockLevel) -> None:
    with pytest.raises(IntegrityError, match="lowest_price_once_per_currency"), transaction.atomic():
        LowestPrice(product=Product.objects.get(), currency="EUR", amount=1).save()


def test_the_database_knows_each_sku_once(mugs: StockLevel, shirt: Product) -> None:
    with pytest.raises(IntegrityError, match="variant_sku_once"), transaction.atomic():
        Variant(product=shirt, sku="MUG-BLUE", options={"size": "XL"}).save()


def test_the_database_knows_each_slug_once(shirt: Product) -> None:
    with pytest.raises(IntegrityError, match="product_slug_once"), transaction.atomic():
        Product(slug="cotton-shirt", name="Another").save()


def test_the_database_knows_each_choice_of_options_once_per_product(shirt: Product) -> None:
    with pytest.raises(IntegrityError, match="variant_options_once_per_product"), transaction.atomic():
        Variant(product=shirt, sku="SHIRT-S-TOO", options={"size": "S"}).save()


def test_a_category_cannot_be_below_itself_however_far(kitchen: Category) -> None:
    lowest = Category.objects.get(slug="espresso")
    for above in (kitchen, lowest):
        kitchen.parent = above

        with (
            pytest.raises(IntegrityError, match=r"category_is_not_(its_own_parent|below_itself)"),
            transaction.atomic(),
        ):
            kitchen.save()


def test_a_category_may_move_to_another_branch(kitchen: Category) -> None:
    lowest = Category.objects.get(slug="espresso")
    lowest.parent = kitchen
    lowest.save()

    assert {each.slug for each in Category.objects.branch("mugs")} == {"mugs"}
    assert {each.slug for each in Category.objects.branch("kitchen")} == {"kitchen", "mugs", "espresso"}
    assert Category.objects.branch("garden") == []
