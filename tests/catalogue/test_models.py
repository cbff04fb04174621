import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from inventory.models import StockLevel
from shop.catalogue.models import Price, Product

pytestmark = pytest.mark.django_db


def test_a_product_shows_its_name_and_its_sku(mugs: StockLevel) -> None:
    assert str(Product.objects.get()) == "Blue mug (MUG-BLUE)"


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("amount = -1", "amount_check"),
        ("currency = 'eur'", "price_currency_is_a_code"),
        ("currency = 'EU'", "price_currency_is_a_code"),
        ("currency = ''", "price_currency_is_a_code"),
        ("currency = 'EURO'", "too long"),
        ("product_id = NULL", "null value"),
    ],
)
def test_the_database_refuses_a_price_that_is_none(change: str, guard: str, mugs: StockLevel) -> None:
    with pytest.raises(DatabaseError, match=guard), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE catalogue_price SET {change}")


def test_the_database_knows_one_price_per_product_and_currency(mugs: StockLevel) -> None:
    with pytest.raises(IntegrityError, match="price_once_per_currency"), transaction.atomic():
        Price(product=Product.objects.get(), currency="EUR", amount=1).save()


def test_the_database_knows_each_sku_once(mugs: StockLevel) -> None:
    with pytest.raises(IntegrityError, match="sku"), transaction.atomic():
        Product(sku="MUG-BLUE", name="Another").save()
