from typing import Any

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from shop.users import services
from shop.users.models import Address, User
from tests.crowds import together
from tests.keys import client_of
from tests.problems import pointed, problem_of
from tests.shopping import ADDRESS

pytestmark = pytest.mark.django_db(transaction=True)

BOOK = "/api/v1/users/me/addresses"


def _add(client: APIClient, **changes: Any) -> Any:
    return client.post(BOOK, ADDRESS | changes, format="json")


def test_an_address_is_added_listed_changed_and_removed(api: APIClient, ada: User) -> None:
    added = _add(api, line2="2nd floor", region="Berlin")
    here = added["Location"]

    assert added.status_code == 201
    assert here == f"/api/v1/users/{ada.pk}/addresses/{added.json()['id']}"
    assert api.get(BOOK).json()["results"] == [added.json()]
    changed = api.patch(here, {"city": "Potsdam"}, format="json", headers={"If-Match": added["ETag"]})
    assert (changed.json()["city"], changed.json()["line2"], changed["ETag"]) == ("Potsdam", "2nd floor", '"2"')
    assert api.get(here, headers={"If-None-Match": '"2"'}).status_code == 304
    assert api.delete(here, headers={"If-Match": '"2"'}).status_code == 204
    assert api.get(here).status_code == 404


def test_an_order_takes_an_address_as_it_stands_in_the_book(api: APIClient) -> None:
    added = _add(api).json()

    assert {name: added[name] for name in ADDRESS} == ADDRESS


def test_there_is_one_default_of_each_kind(api: APIClient) -> None:
    first = _add(api, default_shipping=True, default_billing=True).json()
    second = _add(api, default_shipping=True).json()

    found = {
        each["id"]: (each["default_shipping"], each["default_billing"]) for each in api.get(BOOK).json()["results"]
    }

    assert found == {first["id"]: (False, True), second["id"]: (True, False)}


def test_of_many_defaults_chosen_at_once_one_stays(ada: User) -> None:
    clients = [client_of(ada) for _ in range(4)]

    answers = together(*[lambda client=client: _add(client, default_shipping=True).status_code for client in clients])

    assert answers == [201] * 4
    assert Address.objects.filter(default_shipping=True).count() == 1


def test_the_database_knows_of_one_default_only(ada: User) -> None:
    services.add_address(user=ada, **ADDRESS, default_shipping=True)

    with pytest.raises(IntegrityError, match="one_default_shipping"), transaction.atomic():
        Address(user=ada, **ADDRESS, default_shipping=True).save()


def test_a_book_has_room_for_fifty(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_ADDRESSES", 2)

    answers = [_add(api) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 409]
    problem_of(answers[2], 409, "too_many_addresses")


@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"line1": "1 Main Street\nBerlin"},
        {"line1": "x" * 201},
        {"city": None},
        {"postal_code": 10115},
        {"country": "Germany"},
        {"country": "de"},
        {"user": "somebody"},
        {"default_shipping": "maybe"},
        {"region": "\0"},
    ],
)
def test_a_bad_address_is_refused(bad: dict[str, Any], api: APIClient) -> None:
    answer = _add(api, **bad)

    assert list(pointed(problem_of(answer, 400, "invalid"))) == [f"/{next(iter(bad))}"]
    assert not Address.objects.exists()


@pytest.mark.parametrize(("headers", "status"), [({}, 428), ({"If-Match": '"9"'}, 412)])
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_who_has_not_seen_an_address_as_it_stands_changes_nothing(
    method: str, headers: dict[str, str], status: int, api: APIClient
) -> None:
    here = _add(api)["Location"]

    answer = getattr(api, method)(here, {"city": "Potsdam"}, format="json", headers=headers)

    assert answer.status_code == status
    assert Address.objects.get().city == "Berlin"


def test_anothers_address_is_not_there(api: APIClient) -> None:
    grace = User.objects.create_user("grace@example.com")
    address = services.add_address(user=grace, **ADDRESS)
    mine, theirs = f"{BOOK}/{address.pk}", f"/api/v1/users/{grace.pk}/addresses"

    assert api.get(mine).status_code == 404
    assert api.delete(mine, headers={"If-Match": "*"}).status_code == 404
    assert api.get(theirs).status_code == 404
    assert api.post(theirs, ADDRESS, format="json").status_code == 404
    assert api.patch(f"{theirs}/{address.pk}", {}, format="json", headers={"If-Match": "*"}).status_code == 404
