from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from shop.users.models import User
from tests.problems import problem_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.shelf")]


@pytest.fixture(autouse=True)
def _two_people() -> None:
    for name, day in (("Ada", 1), ("Bob", 2)):
        joined = datetime(2026, 11, day, tzinfo=UTC)
        User.objects.create_user(f"{name}@example.com", name=name, date_joined=joined)


def _names(query: str) -> list[str]:
    return [person["name"] for person in APIClient().get(f"/people?{query}").json()["results"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=Ada", ["Ada"]),
        ("joined[gte]=2026-11-02", ["Bob"]),
        ("joined%5Blt%5D=2026-11-02T00:00:00Z", ["Ada"]),
        ("joined[gte]=2026-11-01T00:00:00Z&joined[lt]=2026-11-02", ["Ada"]),
        ("joined[lt]=4473-04-21T16:09:32%2B21:32", ["Ada", "Bob"]),
        ("name=ada", []),
        ("name=' OR 1=1 --", []),
    ],
)
def test_a_filter_leaves_what_it_asks_for(query: str, names: list[str]) -> None:
    assert _names(query) == names


@pytest.mark.parametrize("query", ["nmae=Ada", "joined__gte=2026-11-01", "joined[gt]=2026-11-01", "email=x", "%00=1"])
def test_a_parameter_that_is_not_known_is_refused_by_name(query: str) -> None:
    problem = problem_of(APIClient().get(f"/people?{query}"), 400, "invalid")

    assert problem["errors"][0]["code"] == "unknown"


@pytest.mark.parametrize(
    "query",
    [
        "joined[gte]=yesterday",
        "joined[lt]=2026-13-01",
        "version=two",
        "name=%00",
        "version=1e999",
        "joined[lt]=0001-01-01T00:00:00%2B12:00",
    ],
)
def test_a_value_that_is_none_is_refused_with_its_parameter(query: str) -> None:
    problem = problem_of(APIClient().get(f"/people?{query}"), 400, "invalid")

    assert problem["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("query", ["joined[gte]=", "version="])
def test_a_filter_without_a_value_is_refused_instead_of_passed_over(query: str) -> None:
    problem = problem_of(APIClient().get(f"/people?{query}"), 400, "invalid")

    assert problem["errors"][0]["code"] == "empty"


def test_a_single_resource_takes_no_parameters() -> None:
    person = User.objects.get(name="Ada")

    problem_of(APIClient().get(f"/people/{person.pk}?name=Ada"), 400, "invalid")
