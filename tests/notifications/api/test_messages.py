from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from notifications import services
from notifications.models import Kind, Message
from shop.users.models import User
from tests.keys import client_of
from tests.notifications.services.test_writing import draft
from tests.problems import problem_of

pytestmark = pytest.mark.django_db

MINE = "/api/v1/notifications"


def _tell(person: User, *numbers: str) -> None:
    for number in numbers:
        services.write_messages(drafts=[draft(person, number=number)])


def _results(api: APIClient, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(MINE, query).json()["results"]
    return found


def test_somebody_sees_what_they_were_told_newest_first(ada: User, api: APIClient) -> None:
    _tell(ada, "10001", "10002")

    newer, older = _results(api)

    assert newer["title"] == "Your order 10002 is on its way"
    assert (older["kind"], older["language"], older["read_at"]) == ("shipped", "en", None)
    assert older["body"].startswith("It has left with Pigeons")
    assert older["links"] == {"self": f"{MINE}/{older['id']}", "order": None}


def test_a_message_leads_to_its_order(ada: User, api: APIClient) -> None:
    order_id = uuid4()
    told = services.Draft(event_id=uuid4(), recipient_id=ada.pk, kind=Kind.WELCOME, facts={}, order_id=order_id)
    services.write_messages(drafts=[told])

    assert _results(api)[0]["links"]["order"] == f"/api/v1/orders/{order_id}"


def test_the_list_comes_in_pages(ada: User, api: APIClient) -> None:
    _tell(ada, "10001", "10002", "10003")

    first = api.get(MINE, {"limit": 2}).json()
    second = api.get(first["next"]).json()

    assert [len(first["results"]), len(second["results"])] == [2, 1]
    assert second["next"] is None


def test_nobody_sees_what_others_were_told(ada: User, api: APIClient) -> None:
    bob = User.objects.create_user("bob@example.com")
    _tell(bob, "10001")
    theirs = Message.objects.get(channel="app")

    assert _results(api) == []
    problem_of(api.get(f"{MINE}/{theirs.pk}"), 404, "not_found")
    problem_of(api.patch(f"{MINE}/{theirs.pk}", {"read": True}, format="json"), 404, "not_found")
    assert client_of(bob).get(f"{MINE}/{theirs.pk}").status_code == 200


def test_a_mail_is_no_message_in_the_app(ada: User, api: APIClient) -> None:
    _tell(ada, "10001")

    problem_of(api.get(f"{MINE}/{Message.objects.get(channel='email').pk}"), 404, "not_found")


def test_a_message_is_marked_as_read_and_as_unread(ada: User, api: APIClient) -> None:
    _tell(ada, "10001", "10002")
    here = f"{MINE}/{_results(api)[0]['id']}"

    read = api.patch(here, {"read": True}, format="json")
    again = api.patch(here, {"read": True}, format="json")

    assert read.json()["read_at"] == again.json()["read_at"] is not None
    assert read["ETag"] == again["ETag"] == api.get(here)["ETag"] == '"2"'
    assert [each["title"] for each in _results(api, unread="true")] == ["Your order 10001 is on its way"]
    assert [each["title"] for each in _results(api, unread="false")] == ["Your order 10002 is on its way"]
    assert api.patch(here, {"read": False}, format="json").json()["read_at"] is None
    assert len(_results(api, unread="true")) == 2


def test_a_message_that_is_known_is_not_sent_twice(ada: User, api: APIClient) -> None:
    _tell(ada, "10001")
    here = _results(api)[0]["links"]["self"]

    assert api.get(here, headers={"If-None-Match": api.get(here)["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "body", [{}, {"read": None}, {"read": "yes"}, {"read": 1}, {"read": True, "title": "x"}, [], 7]
)
def test_what_is_no_change_is_refused(body: Any, ada: User, api: APIClient) -> None:
    _tell(ada, "10001")

    problem_of(api.patch(_results(api)[0]["links"]["self"], body, format="json"), 400, "invalid")


@pytest.mark.parametrize("query", [{"unread": "maybe"}, {"unread": ""}, {"kind": "gossip"}, {"seen": "true"}])
def test_what_is_no_filter_is_refused(query: dict[str, str], api: APIClient) -> None:
    problem_of(api.get(MINE, query), 400, "invalid")


def test_messages_are_found_by_kind(ada: User, api: APIClient) -> None:
    _tell(ada, "10001")

    assert len(_results(api, kind="shipped")) == 1
    assert _results(api, kind="receipt") == []


def test_strangers_and_narrow_keys_are_told_what_they_lack(ada: User, anonymous: APIClient) -> None:
    _tell(ada, "10001")
    reader = client_of(ada, scopes=["notifications:read"])
    here = _results(reader)[0]["links"]["self"]

    problem_of(anonymous.get(MINE), 401, "not_authenticated")
    problem_of(client_of(ada, scopes=["orders:read"]).get(MINE), 403, "scope_missing")
    problem_of(reader.patch(here, {"read": True}, format="json"), 403, "scope_missing")


def test_what_was_forgotten_is_not_listed(ada: User, api: APIClient) -> None:
    _tell(ada, "10001")

    services.forget(user_ids=[ada.pk])

    assert _results(api) == []


def test_a_list_costs_as_many_queries_however_long_it_is(
    ada: User, api: APIClient, django_assert_num_queries: Any
) -> None:
    _tell(ada, *(str(number) for number in range(10)))
    _results(api)

    with django_assert_num_queries(2):  # the key, and the page
        assert len(_results(api)) == 10
