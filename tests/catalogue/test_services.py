from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from shop.catalogue import services
from shop.catalogue.events import ProductArchived, ProductCreated, ProductUpdated
from shop.catalogue.models import Availability, LowestPrice, Price, Product, Variant
from shop.catalogue.services import NewVariant, Taken
from shop.money import Money
from tests.catalogue.conftest import sell
from tests.conftest import Published
from tests.crowds import together

pytestmark = pytest.mark.django_db


def lowest() -> dict[str, int]:
    return dict(LowestPrice.objects.values_list("currency", "amount"))


def locked(product: Product) -> Product:
    found: Product = Product.objects.locked().get(pk=product.pk)
    return found


# --- Making and changing ------------------------------------------------------------------------------------


def test_a_new_product_is_told_once_with_its_skus(published: Published, shirt: Product) -> None:
    assert published == [
        ProductCreated(
            product_id=shirt.pk, slug="cotton-shirt", product_name="Cotton shirt", skus=("SHIRT-S", "SHIRT-L")
        )
    ]
    assert published[0].subject == f"products/{shirt.pk}"
    assert lowest() == {"EUR": 2400, "USD": 2600}


def test_changing_words_tells_it_and_moves_the_version(shirt: Product, published: Published) -> None:
    services.change(product=locked(shirt), name="Linen shirt")

    product = Product.objects.get()
    assert (product.name, product.version) == ("Linen shirt", 2)
    assert product.updated_at > shirt.updated_at
    assert published == [ProductUpdated.of(product)]


def test_changing_nothing_is_no_news(shirt: Product, published: Published) -> None:
    services.change(product=locked(shirt))
    services.change(product=locked(shirt), name="Cotton shirt")

    assert Product.objects.get().version == 1
    assert published == []


def test_the_variants_put_are_all_there_are_and_who_stays_is_known_by_its_sku(shirt: Product) -> None:
    large = Variant.objects.get(sku="SHIRT-L")
    wanted = [
        NewVariant(sku="SHIRT-L", options={"size": "S"}, prices=[Money(2900, "EUR")]),
        NewVariant(sku="SHIRT-XL", options={"size": "XL"}),
    ]

    services.change(product=locked(shirt), variants=wanted)

    assert list(Variant.objects.values_list("sku", "options")) == [
        ("SHIRT-L", {"size": "S"}),
        ("SHIRT-XL", {"size": "XL"}),
    ]
    assert Variant.objects.get(sku="SHIRT-L").pk == large.pk
    assert list(Price.objects.values_list("amount", "currency")) == [(2900, "EUR")]
    assert lowest() == {"EUR": 2900}


def test_two_variants_may_swap_their_options(shirt: Product, published: Published) -> None:
    wanted = [NewVariant(sku="SHIRT-S", options={"size": "L"}), NewVariant(sku="SHIRT-L", options={"size": "S"})]

    services.change(product=locked(shirt), variants=wanted)

    assert dict(Variant.objects.values_list("sku", "options__size")) == {"SHIRT-S": "L", "SHIRT-L": "S"}
    assert len(published) == 1


@pytest.mark.parametrize(("member", "values"), [("slug", ["cotton-shirt"]), ("sku", ["SHIRT-L", "SHIRT-S"])])
def test_what_another_product_has_is_refused_by_name(
    member: str, values: list[str], shirt: Product, published: Published
) -> None:
    slug, skus = ("cotton-shirt", ["NEW"]) if member == "slug" else ("new", ["SHIRT-S", "NEW", "SHIRT-L"])

    with pytest.raises(Taken) as refusal, transaction.atomic():
        services.create(slug=slug, name="New", variants=[NewVariant(sku=sku, options={"n": sku}) for sku in skus])

    assert (refusal.value.member, list(refusal.value.values)) == (member, values)
    assert Product.objects.count() == 1
    assert published == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("names", [[("a", "SAME"), ("b", "SAME")], [("same", "A"), ("same", "B")]])
def test_of_those_who_take_a_name_at_the_same_moment_one_gets_it(names: list[tuple[str, str]]) -> None:
    def create(slug: str, sku: str) -> str:
        try:
            services.create(slug=slug, name="Thing", variants=[NewVariant(sku=sku)])
        except Taken:
            return "taken"
        return "made"

    ends = together(*(partial(create, slug, sku) for slug, sku in names))

    assert sorted(ends) == ["made", "taken"]
    assert Product.objects.count() == Variant.objects.count() == 1


# --- Archiving ----------------------------------------------------------------------------------------------


def test_archiving_and_restoring_are_told_once_each(shirt: Product, published: Published) -> None:
    for change in (services.archive, services.archive, services.restore, services.restore):
        change(product=locked(shirt))

    assert [type(event) for event in published] == [ProductArchived, ProductUpdated]
    assert Product.objects.get().active


# --- Prices -------------------------------------------------------------------------------------------------


def test_a_new_price_is_its_products_news_and_version(shirt: Product, published: Published) -> None:
    known = services.reprice(prices={"SHIRT-L": [Money(2000, "EUR")], "UNHEARD-OF": [Money(1, "EUR")]})

    product = Product.objects.get()
    assert known == {"SHIRT-L"}
    assert product.version == 2
    assert lowest() == {"EUR": 2000, "USD": 2600}
    assert published == [ProductUpdated.of(product)]


def test_the_price_that_it_had_already_is_no_news(shirt: Product, published: Published) -> None:
    services.reprice(prices={"SHIRT-S": [Money(2400, "EUR")]})

    assert Product.objects.get().version == 1
    assert published == []


def test_several_prices_of_a_product_are_one_change_of_it(shirt: Product, published: Published) -> None:
    services.reprice(prices={"SHIRT-S": [Money(1, "EUR"), Money(2, "GBP")], "SHIRT-L": [Money(3, "EUR")]})

    assert len(published) == 1
    assert Product.objects.get().version == 2
    assert lowest() == {"EUR": 1, "USD": 2600, "GBP": 2}


def test_pricing_more_products_asks_the_database_no_more_often() -> None:
    for number in range(6):
        sell(f"Thing {number}", sku=f"THING-{number}")

    def queries_for(count: int, amount: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            services.reprice(prices={f"THING-{number}": [Money(amount, "EUR")] for number in range(count)})
        return len(queries)

    assert queries_for(2, 1) == queries_for(6, 2)


@pytest.mark.django_db(transaction=True)
def test_prices_set_at_the_same_moment_are_all_kept(shirt: Product) -> None:
    def price(sku: str, amount: int) -> Callable[[], object]:
        return lambda: services.reprice(prices={sku: [Money(amount, "EUR")]})

    together(*(price(sku, amount) for amount in range(1, 5) for sku in ("SHIRT-S", "SHIRT-L")))

    assert Product.objects.get().version > 2
    assert lowest()["EUR"] == min(Price.objects.filter(currency="EUR").values_list("amount", flat=True))


# --- Availability -------------------------------------------------------------------------------------------


def test_availability_is_kept_also_of_what_is_not_in_the_catalogue_yet() -> None:
    services.note_availability(available={"A": True, "B": False})
    services.note_availability(available={"B": True, "A": True})
    services.note_availability(available={})

    assert dict(Availability.objects.values_list("sku", "available")) == {"A": True, "B": True}


def test_availability_is_neither_a_version_nor_news(shirt: Product, published: Published) -> None:
    services.note_availability(available={"SHIRT-S": True})

    assert Product.objects.get().version == 1
    assert published == []
    assert [vars(variant)["in_stock"] for variant in Variant.objects.with_stock()] == [True, False]
