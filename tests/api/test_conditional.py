import time
from typing import Any

import pytest
from rest_framework.test import APIClient

from shop.api import conditional
from shop.users.models import User
from tests.problems import problem_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.shelf")]


@pytest.fixture
def url(ada: User) -> str:
    return f"/people/{ada.pk}"


def put(url: str, **headers: str) -> Any:  # DRF's test response has no type of its own
    return APIClient().put(url, "Countess", format="json", headers=headers)


@pytest.mark.parametrize("known", ['"1"', 'W/"1"', '"0", "1"', "*"])
def test_who_has_it_already_is_sent_nothing_again(known: str, url: str) -> None:
    answer = APIClient().get(url, headers={"If-None-Match": known})

    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", '"1"')


@pytest.mark.parametrize("known", ["", '"2"', "1", "nonsense", '"1', "\0"])
def test_who_has_something_else_gets_it_whole(known: str, url: str) -> None:
    answer = APIClient().get(url, headers={"If-None-Match": known})

    assert (answer.status_code, answer.json()["name"]) == (200, "Ada")


@pytest.mark.parametrize("seen", ['"1"', '"0", "1"', "*"])
def test_who_saw_it_as_it_is_may_change_it(seen: str, url: str) -> None:
    answer = put(url, **{"If-Match": seen})

    assert (answer.status_code, answer["ETag"], answer.json()["name"]) == (200, '"2"', "Countess")


@pytest.mark.parametrize("seen", ['"2"', 'W/"1"', "1", "nonsense", '""'])
def test_who_saw_something_else_changes_nothing(seen: str, url: str, ada: User) -> None:
    problem = problem_of(put(url, **{"If-Match": seen}), 412, "changed_meanwhile")

    ada.refresh_from_db()
    assert ada.name == "Ada"
    assert problem["current"] == '"1"'


def test_who_does_not_say_what_they_saw_changes_nothing(url: str, ada: User) -> None:
    problem_of(put(url), 428, "if_match_missing")

    ada.refresh_from_db()
    assert ada.name == "Ada"


def test_what_is_put_together_has_the_etag_of_its_content(ada: User) -> None:
    first = APIClient().get("/names")

    assert APIClient().get("/names", headers={"If-None-Match": first["ETag"]}).status_code == 304

    User.objects.create_user("bob@example.com", name="Bob")
    second = APIClient().get("/names", headers={"If-None-Match": first["ETag"]})
    assert (second.status_code, second.json()) == (200, ["Ada", "Bob"])
    assert second["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_a_tagged_page_keeps_its_links_and_is_public_unless_the_view_says_otherwise(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.create_user("bob@example.com", name="Bob")

    first, secret = APIClient().get("/names/pages?limit=1"), APIClient().get("/names/pages", headers={"X-Secret": "1"})
    monkeypatch.setattr(time, "time", lambda: 0.0)  # long ago
    again = APIClient().get("/names/pages?limit=1", headers={"If-None-Match": first["ETag"]})

    assert first["Link"].endswith('rel="next"')
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert [answer["Cache-Control"] for answer in (first, secret)] == [conditional.PUBLIC, "no-store"]


def test_what_is_put_together_is_changed_by_who_saw_its_content(ada: User) -> None:
    def rename(name: str, **seen: str) -> Any:  # DRF's test response has no type of its own
        return APIClient().put("/names", name, format="json", headers=seen)

    problem_of(rename("Countess"), 428, "if_match_missing")
    tag = APIClient().get("/names")["ETag"]
    changed = rename("Countess", **{"If-Match": tag})
    late = problem_of(rename("Duchess", **{"If-Match": tag}), 412, "changed_meanwhile")

    assert changed.json() == ["Countess"]
    assert changed["ETag"] == late["current"] == APIClient().get("/names")["ETag"]
