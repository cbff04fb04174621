"""A small shop for tests of the catalogue, and who works there."""

from typing import Any

import pytest
from django.utils.text import slugify
from rest_framework.test import APIClient

from shop.catalogue import services
from shop.catalogue.models import Category, Product
from shop.catalogue.services import NewImage, NewVariant
from shop.money import Money
from shop.users.models import User
from tests.keys import client_of


@pytest.fixture
def staff(db: None) -> APIClient:
    """A REST client that may do whatever staff may."""
    return client_of(User.objects.create_user("sam@example.com", name="Sam", is_staff=True, is_superuser=True))


@pytest.fixture
def kitchen(db: None) -> Category:
    """A category with one below it, and one below that."""
    kitchen = Category.objects.create(slug="kitchen", name="Kitchen")
    mugs = Category.objects.create(slug="mugs", name="Mugs", parent=kitchen)
    Category.objects.create(slug="espresso", name="Espresso", parent=mugs)
    return kitchen


@pytest.fixture
def shirt(db: None) -> Product:
    """A shirt in two sizes, for 24.00 and 27.00 EUR, the first for dollars, too."""
    small = NewVariant(sku="SHIRT-S", options={"size": "S"}, prices=[Money(2400, "EUR"), Money(2600, "USD")])
    large = NewVariant(sku="SHIRT-L", options={"size": "L"}, prices=[Money(2700, "EUR")])
    return services.create(
        slug="cotton-shirt",
        name="Cotton shirt",
        description="Soft and washable.",
        variants=[small, large],
        images=[NewImage(url="https://cdn.example.com/shirt.webp", alt="A shirt")],
    )


def sell(
    name: str, *, amount: int = 1000, currency: str = "EUR", sku: str = "", there: bool | None = None, **told: Any
) -> Product:
    """A product of one variant; `there` is what inventory told of it."""
    slug = slugify(name)
    sku = sku or slug.upper()
    product = services.create(
        slug=slug, name=name, variants=[NewVariant(sku=sku, prices=[Money(amount, currency)])], **told
    )
    if there is not None:
        services.note_availability(available={sku: there})
    return product
