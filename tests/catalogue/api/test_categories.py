import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from shop.catalogue.models import Category

pytestmark = pytest.mark.django_db

CATEGORIES = "/api/v1/categories"


def test_the_tree_is_shown_in_order_in_one_query(
    anonymous: APIClient, kitchen: Category, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Category.objects.create(slug="desk", name="Desk", position=1)
    Category.objects.create(slug="pans", name="Pans", parent=kitchen, position=0)

    with django_assert_num_queries(1):
        answer = anonymous.get(CATEGORIES)

    espresso = {"slug": "espresso", "name": "Espresso", "children": []}
    assert answer.json() == {
        "results": [
            {
                "slug": "kitchen",
                "name": "Kitchen",
                "children": [
                    {"slug": "mugs", "name": "Mugs", "children": [espresso]},
                    {"slug": "pans", "name": "Pans", "children": []},
                ],
            },
            {"slug": "desk", "name": "Desk", "children": []},
        ]
    }


def test_who_has_the_tree_already_is_not_sent_it_again(anonymous: APIClient, kitchen: Category) -> None:
    tag = anonymous.get(CATEGORIES)["ETag"]

    assert anonymous.get(CATEGORIES, headers={"If-None-Match": tag}).status_code == 304

    Category.objects.create(slug="desk", name="Desk")
    assert anonymous.get(CATEGORIES, headers={"If-None-Match": tag}).status_code == 200


def test_a_shop_without_categories_has_an_empty_tree(anonymous: APIClient) -> None:
    assert anonymous.get(CATEGORIES).json() == {"results": []}
