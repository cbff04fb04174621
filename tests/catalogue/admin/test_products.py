from typing import Any

import pytest
from django.test import Client

from shop.audit.models import Entry
from shop.catalogue.events import ProductArchived, ProductCreated, ProductUpdated
from shop.catalogue.models import Category, Price, Product
from tests.confirming import confirm, form_of, send
from tests.conftest import Published
from tests.shelves import offer
from tests.staff import browser_of, staff

pytestmark = pytest.mark.django_db(transaction=True)

PRODUCTS = "/admin/catalogue/product/"
CATEGORIES = "/admin/catalogue/category/"


@pytest.fixture
def boss(transactional_db: None) -> Client:
    return browser_of(staff("boss", "admin"))


@pytest.fixture
def mug(transactional_db: None) -> Product:
    """One variant for 12.00 EUR."""
    return offer("MUG-BLUE", "Blue mug", amount=1200)


def _at(product: Product, what: str) -> str:
    return f"{PRODUCTS}{product.pk}/{what}/"


def test_a_product_is_made_with_its_variants_told_and_kept_in_the_audit(boss: Client, published: Published) -> None:
    lines = "CUP-RED: colour=red, size=M\n\nCUP-BLUE: colour=blue"

    page = confirm(boss, f"{PRODUCTS}new/", name="Cup", slug="cup", variants=lines)

    made = Product.objects.get()
    assert "can be ordered once it has prices" in page
    assert [variant.options for variant in made.variants.all()] == [{"colour": "red", "size": "M"}, {"colour": "blue"}]
    assert published == [ProductCreated.of(made)]
    assert (Entry.objects.get().action, Entry.objects.get().subject) == ("product.created", f"products/{made.pk}")


def test_what_is_described_anew_is_told_and_its_version_grows(boss: Client, mug: Product, published: Published) -> None:
    confirm(boss, _at(mug, "describe"), name="Bluer mug", description="Very blue.")

    mug.refresh_from_db()
    assert (mug.name, mug.description, mug.version) == ("Bluer mug", "Very blue.", 2)
    assert [event.product_name for event in published.of(ProductUpdated)] == ["Bluer mug"]
    entry = Entry.objects.get()
    assert ((entry.before or {})["name"], (entry.after or {})["name"]) == ("Blue mug", "Bluer mug")


def test_a_variant_that_stays_keeps_its_prices(boss: Client, mug: Product, published: Published) -> None:
    confirm(boss, _at(mug, "variants"), variants="MUG-BLUE: colour=blue\nMUG-RED: colour=red")

    assert sorted(Price.objects.values_list("variant__sku", "amount")) == [("MUG-BLUE", 1200)]
    assert [event.skus for event in published.of(ProductUpdated)] == [("MUG-BLUE", "MUG-RED")]


def test_prices_are_set_in_each_currency_and_told_once(boss: Client, mug: Product, published: Published) -> None:
    variant = mug.variants.get()

    confirm(boss, _at(mug, "prices"), **{f"{variant.pk}_EUR": "13.50", f"{variant.pk}_USD": "15"})

    assert dict(Price.objects.values_list("currency", "amount")) == {"EUR": 1350, "USD": 1500}
    assert len(published.of(ProductUpdated)) == 1
    assert (Entry.objects.get().after or {})["prices"] == {
        "MUG-BLUE EUR": "13.50 EUR",
        "MUG-BLUE USD": "15.00 USD",
    }


def test_a_product_is_archived_and_sold_again(boss: Client, mug: Product, published: Published) -> None:
    form = form_of(boss, _at(mug, "archive")) | {"reason": "Out of fashion."}
    send(boss, _at(mug, "archive"), form)
    again = send(boss, _at(mug, "archive"), form)

    mug.refresh_from_db()
    assert not mug.active
    assert "cannot be done" in again
    confirm(boss, _at(mug, "restore"))
    mug.refresh_from_db()
    assert mug.active
    assert len(published.of(ProductArchived)) == 1
    assert [entry.action for entry in Entry.objects.order_by("id")] == ["product.archived", "product.restored"]


@pytest.mark.parametrize(
    ("what", "answers"),
    [
        ("describe", {"name": ""}),
        ("describe", {"slug": "Not One"}),
        ("describe", {"slug": "bulk"}),
        ("describe", {"name": "a\0b"}),
        ("describe", {"category": "nothing"}),
        ("variants", {"variants": ""}),
        ("variants", {"variants": "not a sku: colour=blue"}),
        ("variants", {"variants": "A: colour"}),
        ("variants", {"variants": "A: colour=red, colour=blue"}),
        ("variants", {"variants": "A: colour=red\nA: colour=blue"}),
        ("variants", {"variants": "A: colour=red\nB: colour=red"}),
        ("variants", {"variants": f"A: colour={'x' * 61}"}),
        ("variants", {"variants": "\n".join(f"A-{n}: n={n}" for n in range(201))}),
    ],
)
def test_what_is_no_product_is_said_on_the_page(what: str, answers: dict[str, str], boss: Client, mug: Product) -> None:
    answer = boss.post(_at(mug, what), form_of(boss, _at(mug, what)) | answers)

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Entry.objects.exists()


def test_what_another_product_has_is_refused_in_a_message(boss: Client, mug: Product) -> None:
    offer("CUP-RED", "Cup")

    described = confirm(boss, _at(mug, "describe"), slug="cup-red")
    varied = confirm(boss, _at(mug, "variants"), variants="CUP-RED: colour=red")
    made = boss.post(f"{PRODUCTS}new/", {"name": "Cup", "slug": "cup-red", "variants": "CUP-2:"})

    assert "Another product has this slug already: cup-red." in described
    assert "Another product has this sku already: CUP-RED." in varied
    assert made.context["form"].errors["slug"]
    assert not Entry.objects.exists()


def test_a_product_is_found_by_its_words(boss: Client, mug: Product) -> None:
    offer("CUP-RED", "Cup")

    page = boss.get(PRODUCTS, {"q": "blue"}).content.decode()

    assert str(mug.pk) in page
    assert "cup-red" not in page
    assert boss.get(f"{PRODUCTS}?q=%00").status_code == 200
    assert "MUG-BLUE" in boss.get(f"{PRODUCTS}{mug.pk}/change/").content.decode()


def test_who_may_only_look_changes_nothing(mug: Product) -> None:
    support = browser_of(staff("support", "support"))

    assert support.get(f"{PRODUCTS}{mug.pk}/change/").status_code == 200
    assert support.get(_at(mug, "prices")).status_code == 403
    assert support.get(f"{PRODUCTS}new/").status_code == 403
    assert support.post(f"{PRODUCTS}{mug.pk}/change/", {"name": "x"}).status_code == 403


def test_a_category_is_changed_with_what_it_was_in_the_audit_and_never_below_itself(boss: Client) -> None:
    root = Category.objects.create(slug="home", name="Home")
    below = Category.objects.create(slug="mugs", name="Mugs", parent=root)

    def save(category: Category, **changes: Any) -> Any:  # Django's test response has no type of its own
        form = {"slug": category.slug, "name": category.name, "parent": "", "position": "0"}
        return boss.post(f"{CATEGORIES}{category.pk}/change/", form | changes)

    assert save(below, name="Cups", parent=str(root.pk)).status_code == 302
    refused = save(root, parent=str(below.pk))

    assert "not below itself" in refused.content.decode()
    entry = Entry.objects.get()
    assert ((entry.before or {})["name"], (entry.after or {})["name"]) == ("Mugs", "Cups")
