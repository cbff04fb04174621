from typing import Any

import pytest
from rest_framework.test import APIClient

from notifications.models import STAFF, Kind, Preference
from shop.users.models import User
from tests.keys import client_of
from tests.problems import problem_of

pytestmark = pytest.mark.django_db

MINE = "/api/v1/notifications/preferences"


def _choose(api: APIClient, kinds: Any, tag: str = "*") -> Any:
    return api.patch(MINE, {"kinds": kinds}, format="json", headers={"If-Match": tag})


def test_who_has_not_chosen_hears_everything_and_can_tell_what_is_mandatory(api: APIClient) -> None:
    answer = api.get(MINE)

    kinds = answer.json()["kinds"]
    assert kinds.keys() == {str(kind) for kind in Kind if kind not in STAFF}
    assert kinds["shipped"] == {"email": True, "app": True, "mandatory": []}
    assert kinds["receipt"] == {"email": True, "app": True, "mandatory": ["email"]}
    assert answer["ETag"] == '"1"'
    assert not Preference.objects.exists()


def test_what_is_switched_off_stays_off_and_what_is_left_out_stays(api: APIClient) -> None:
    _choose(api, {"shipped": {"email": False}})

    answer = _choose(api, {"delivered": {"app": False}, "shipped": {"app": True}})

    assert answer.status_code == 200
    assert answer.json() == api.get(MINE).json()
    assert answer.json()["kinds"]["shipped"] == {"email": False, "app": True, "mandatory": []}
    assert answer.json()["kinds"]["delivered"] == {"email": True, "app": False, "mandatory": []}
    assert _choose(api, {"shipped": {"email": True}}).json()["kinds"]["shipped"]["email"] is True


def test_two_who_change_the_same_are_told_apart(api: APIClient) -> None:
    seen = api.get(MINE)["ETag"]

    first = _choose(api, {"shipped": {"email": False}}, seen)

    assert first.status_code == 200
    assert first["ETag"] != seen
    problem_of(_choose(api, {"shipped": {"email": True}}, seen), 412, "changed_meanwhile")
    problem_of(api.patch(MINE, {"kinds": {}}, format="json"), 428, "if_match_missing")
    assert api.get(MINE)["ETag"] == first["ETag"]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"kinds": {"receipt": {"email": False}}}, "/kinds/receipt/email", "mandatory"),
        ({"kinds": {"gossip": {"email": False}}}, "/kinds/gossip", "unknown"),
        ({"kinds": {"stock_low": {"email": False}}}, "/kinds/stock_low", "unknown"),
        ({"kinds": {"shipped": {"sms": False}}}, "/kinds/shipped/sms", "unknown"),
        ({"kinds": {"shipped": {"email": "no"}}}, "/kinds/shipped/email", "invalid"),
        ({"kinds": {"shipped": False}}, "/kinds/shipped", "invalid"),
        ({"kinds": []}, "/kinds", "not_a_dict"),
        ({}, "/kinds", "required"),
        ({"kinds": {}, "more": 1}, "/more", "unknown"),
    ],
)
def test_what_cannot_be_chosen_is_said_where_it_stands(body: Any, pointer: str, code: str, api: APIClient) -> None:
    answer = api.patch(MINE, body, format="json", headers={"If-Match": "*"})

    errors = problem_of(answer, 400, "invalid")["errors"]
    assert [(error["pointer"], error["code"]) for error in errors] == [(pointer, code)]
    assert not Preference.objects.exclude(muted=[]).exists()


def test_of_several_wishes_one_that_cannot_be_leaves_all_undone(api: APIClient) -> None:
    answer = _choose(api, {"shipped": {"email": False}, "receipt": {"email": False}})

    problem_of(answer, 400, "invalid")
    assert api.get(MINE).json()["kinds"]["shipped"]["email"] is True


def test_staff_choose_of_what_only_they_hear(ada: User, api: APIClient) -> None:
    ada.is_staff = True
    ada.save()

    assert _choose(api, {"stock_low": {"email": False}}).json()["kinds"]["stock_low"]["email"] is False


def test_everybody_has_their_own(ada: User, api: APIClient) -> None:
    _choose(api, {"shipped": {"email": False}})

    bob = client_of(User.objects.create_user("bob@example.com"))

    assert bob.get(MINE).json()["kinds"]["shipped"]["email"] is True


def test_strangers_and_narrow_keys_are_told_what_they_lack(ada: User, anonymous: APIClient) -> None:
    reader = client_of(ada, scopes=["notifications:read"])

    problem_of(anonymous.get(MINE), 401, "not_authenticated")
    assert reader.get(MINE).status_code == 200
    problem_of(_choose(reader, {}), 403, "scope_missing")
