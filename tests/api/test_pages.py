from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from shop.api.pages import _estimate
from shop.states import bulk_save
from shop.users.models import User
from tests.problems import problem_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.shelf")]

_BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def _join(*names: str, days: Sequence[int] | None = None) -> None:
    """People join on the days given, or one after another."""
    bulk_save(
        [
            User(email=f"{name}@example.com", name=name, date_joined=_BEGAN + timedelta(days=day))
            for name, day in zip(names, days or range(len(names)), strict=True)
        ]
    )


def _walk(url: str | None, link: str = "next") -> list[list[str]]:
    """The names on each page from here on."""
    pages: list[list[str]] = []
    while url and len(pages) < 50:  # a list that never ends is a mistake that a test should survive
        body = APIClient().get(url).json()
        pages.append([person["name"] for person in body["results"]])
        url = body[link]
    return pages


def test_pages_hold_everything_once_in_order() -> None:
    _join("a", "b", "c", "d", "e")

    assert _walk("/people?limit=2") == [["a", "b"], ["c", "d"], ["e"]]


def test_a_list_that_fills_its_last_page_has_no_page_after_it() -> None:
    _join("a", "b", "c", "d")

    assert _walk("/people?limit=2") == [["a", "b"], ["c", "d"]]
    assert _walk("/people?limit=9") == [["a", "b", "c", "d"]]


def test_rows_that_are_equal_in_the_first_column_are_told_apart_by_the_next() -> None:
    _join(*"abcdefg", days=[1, 1, 1, 1, 1, 2, 2])

    pages = _walk("/people?limit=2")

    assert sorted(name for page in pages for name in page) == list("abcdefg")
    assert [len(page) for page in pages] == [2, 2, 2, 1]


def test_rows_a_millionth_of_a_second_apart_are_told_apart_by_their_time() -> None:
    bulk_save(
        [
            User(email=f"{name}@example.com", name=name, date_joined=_BEGAN + timedelta(microseconds=later))
            for later, name in enumerate("abcde", start=1)
        ]
    )

    assert _walk("/people?limit=2") == [["a", "b"], ["c", "d"], ["e"]]


def test_pages_lead_back_the_way_they_came() -> None:
    _join("a", "b", "c", "d", "e")
    second = APIClient().get("/people?limit=2").json()["next"]
    third = APIClient().get(second).json()["next"]

    assert _walk(third, "previous") == [["e"], ["c", "d"], ["a", "b"]]


def test_who_goes_back_and_forth_sees_the_same_page_again() -> None:
    _join("a", "b", "c", "d", "e")
    second = APIClient().get(APIClient().get("/people?limit=2").json()["next"]).json()
    first = APIClient().get(second["previous"]).json()

    assert [person["name"] for person in APIClient().get(first["next"]).json()["results"]] == ["c", "d"]


def test_a_list_may_be_sorted_otherwise_and_falling() -> None:
    _join("a", "c", "b")

    assert _walk("/people?limit=2&sort=name") == [["c", "b"], ["a"]]


def test_who_joins_behind_the_reader_moves_nobody_from_one_page_to_another() -> None:
    _join("b", "c", "d", days=[1, 2, 3])
    following = APIClient().get("/people?limit=2").json()["next"]

    _join("a", days=[0])

    assert _walk(following) == [["d"]]


def test_links_stand_in_the_header_too() -> None:
    _join("a", "b", "c")
    first = APIClient().get("/people?limit=1")
    second = APIClient().get(first.json()["next"])

    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    assert second["Link"] == (f'<{second.json()["next"]}>; rel="next", <{second.json()["previous"]}>; rel="prev"')
    assert "Link" not in APIClient().get("/people?limit=3")


def test_a_page_keeps_its_filters_and_its_limit() -> None:
    _join("a", "b")

    following = APIClient().get("/people?limit=1&version=1").json()["next"]

    assert parse_qs(urlsplit(following).query)["version"] == ["1"]
    assert parse_qs(urlsplit(following).query)["limit"] == ["1"]


def test_more_than_a_hundred_are_not_given_at_once() -> None:
    _join(*(f"{number:03}" for number in range(101)))

    assert [len(page) for page in _walk("/people?limit=1000")] == [100, 1]


def test_an_empty_list_is_one_empty_page() -> None:
    assert APIClient().get("/people").json() == {"results": [], "next": None, "previous": None}


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "ten", "", "9" * 5000, "²", "%00", "1e3"])
def test_a_limit_that_is_no_number_from_one_is_refused(limit: str) -> None:
    problem = problem_of(APIClient().get(f"/people?limit={limit}"), 400, "invalid")

    assert problem["errors"][0]["parameter"] == "limit"


@pytest.mark.parametrize("cursor", ["", "x", "%00", "a:b:c", "e" * 5000, "W1sxXSxmYWxzZV0:1uAAAA:forged"])
def test_a_forged_cursor_is_refused(cursor: str) -> None:
    problem = problem_of(APIClient().get(f"/people?cursor={cursor}"), 400, "invalid")

    assert problem["errors"][0]["code"] == "cursor_invalid"


@pytest.mark.parametrize("other", ["sort=name", "version=1", "name=a"])
def test_a_cursor_of_another_filter_or_order_is_refused(other: str) -> None:
    _join("a", "b")
    following = APIClient().get("/people?limit=1").json()["next"]

    problem_of(APIClient().get(f"{following}&{other}"), 400, "invalid")


def test_an_order_that_the_list_does_not_have_is_refused() -> None:
    problem = problem_of(APIClient().get("/people?sort=password"), 400, "invalid")

    assert problem["errors"][0]["code"] == "invalid_choice"


def test_an_estimate_of_all_comes_only_when_asked_for() -> None:
    _join("a", "b", "c")

    asked: Any = APIClient().get("/people?limit=1", headers={"Prefer": "respond-async, count=estimated"})

    assert asked["Preference-Applied"] == "count=estimated"
    assert isinstance(asked.json()["estimated_count"], int)
    assert "estimated_count" not in APIClient().get("/people?limit=1").json()


def test_any_page_is_one_question(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    _join("a", "b", "c")
    following = APIClient().get("/people?limit=1").json()["next"]

    with django_assert_num_queries(1):
        APIClient().get(following)


def test_the_estimate_of_what_cannot_be_there_is_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert _estimate(User.objects.none()) == 0
