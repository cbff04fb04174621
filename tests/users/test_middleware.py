"""What happens when a request of allauth's meets a race, or a database that is away."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from shop.bus import Context, within
from shop.states import Stale
from shop.users.events import UserUpdated
from shop.users.middleware import WholeRequests
from shop.users.models import User
from tests.conftest import Published

pytestmark = pytest.mark.django_db(transaction=True)


def _answer(view: Callable[..., Any], path: str = "/_allauth/app/v1/auth/session") -> Any:
    request = RequestFactory().get(path)
    request.session = {}  # type: ignore[assignment]  # nobody's
    with within(Context(correlation="c", causation="c")):
        return WholeRequests(lambda _request: HttpResponse()).process_view(request, view, [], {})


def test_who_was_too_late_tries_once_more_and_what_was_done_before_is_undone(ada: User, published: Published) -> None:
    tries: list[int] = []

    def view(_request: HttpRequest) -> HttpResponse:
        tries.append(1)
        user = User.objects.get()
        user.name = f"Ada {len(tries)}"
        user.save()
        if len(tries) == 1:
            raise Stale("somebody was faster")
        return HttpResponse("done")

    answer = _answer(view)

    assert (answer.content, len(tries)) == (b"done", 2)
    assert User.objects.get().name == "Ada 2"
    assert published == [UserUpdated(user_id=ada.pk, changed=("name",))]


def test_who_is_too_late_twice_is_told_so() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        raise Stale("somebody was faster")

    answer = _answer(view)

    assert answer.status_code == 409
    assert b"changed_meanwhile" in answer.content


def test_a_database_that_is_away_is_worth_another_try() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        raise OperationalError("the connection is lost")

    answer = _answer(view)

    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_other_requests_are_none_of_its_affair() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        raise AssertionError("Django calls the view itself")

    assert _answer(view, "/api/v1/orders") is None
