from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLResolver, get_resolver
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from shop.api.permissions import Anyone, Scoped, StaffOnly, required_scope, scopes_of
from shop.api.scopes import SCOPES
from shop.users.models import User
from tests.problems import problem_of
from tests.staff import staff


@dataclass(frozen=True)
class Grant:
    """What an API key and an access token have in common."""

    scopes: frozenset[str]


READ = Grant(frozenset({"orders:read"}))
NOTHING = Grant(frozenset())


class Books(ViewSet):
    required_scopes = {"list": "orders:read", "create": "orders:write"}

    def list(self, _request: Request) -> Response:
        return Response("listed")

    def create(self, _request: Request) -> Response:
        return Response("created")

    def destroy(self, _request: Request) -> Response:
        return Response("its scope was forgotten")


class Ledger(APIView):
    required_scopes = {"get": "orders:read"}

    def get(self, _request: Request) -> Response:
        return Response("shown")


BOOKS = Books.as_view({"get": "list", "post": "create", "delete": "destroy"})
LEDGER = Ledger.as_view()


def ask(view: Any, method: str = "get", user: User | None = None, grant: Grant | None = None) -> Any:  # views are Any
    request = APIRequestFactory().generic(method.upper(), "/books")
    request.META["shop.request_id"] = "r"
    if user:
        force_authenticate(request, user, grant)  # type: ignore[arg-type]  # a token, for DRF's own tokens only
    response = view(request)
    response.render()
    response["X-Request-Id"] = "r"
    return response


@pytest.fixture
def clara() -> User:
    return User(email="clara@example.com")


# --- Scopes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [BOOKS, LEDGER])
def test_nobody_is_asked_to_sign_in(view: Any) -> None:
    problem_of(ask(view), 401, "not_authenticated")


@pytest.mark.parametrize("view", [BOOKS, LEDGER])
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_grant_with_the_scope_may(view: Any, method: str, clara: User) -> None:
    assert ask(view, method, clara, READ).status_code == 200


@pytest.mark.parametrize("view", [BOOKS, LEDGER])
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_grant_without_the_scope_may_not(view: Any, method: str, clara: User) -> None:
    assert ask(view, method, clara, NOTHING).status_code == 403


def test_who_lacks_a_scope_is_told_which(clara: User) -> None:
    response = ask(BOOKS, "post", clara, READ)

    problem = problem_of(response, 403, "scope_missing")
    assert problem["required_scope"] == "orders:write"
    assert response["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="orders:write"'


def test_a_session_may_do_all_that_its_user_may(clara: User) -> None:
    assert ask(BOOKS, "post", clara).status_code == 200


@pytest.mark.parametrize("method", ["patch", "options"])
@pytest.mark.parametrize("view", [BOOKS, LEDGER])
def test_a_method_that_is_not_there_is_told_as_such_whatever_the_scopes(method: str, view: Any, clara: User) -> None:
    problem_of(ask(view, method, clara, NOTHING), 405, "method_not_allowed")


def test_an_action_whose_scope_was_forgotten_is_answered_to_nobody(clara: User) -> None:
    with pytest.raises(ImproperlyConfigured, match="destroy"):
        ask(BOOKS, "delete", clara)


# --- Staff and strangers ------------------------------------------------------------------------------------


class StaffBooks(Books):
    permission_classes = [StaffOnly]
    required_permissions = {"list": "catalogue.view_product", "create": "catalogue.add_product"}


class OpenBooks(Books):
    permission_classes = [Anyone]


STAFF_BOOKS = StaffBooks.as_view({"get": "list", "post": "create"})
OPEN_BOOKS = OpenBooks.as_view({"delete": "destroy"})


def test_what_is_for_staff_is_for_nobody_else(clara: User) -> None:
    problem_of(ask(STAFF_BOOKS, "get", clara), 403, "staff_only")
    problem_of(ask(STAFF_BOOKS, "get"), 401, "not_authenticated")


def test_the_grants_of_staff_are_limited_too(clara: User) -> None:
    clara.is_staff = clara.is_superuser = True

    assert ask(STAFF_BOOKS, "get", clara, READ).status_code == 200
    problem_of(ask(STAFF_BOOKS, "post", clara, READ), 403, "scope_missing")


def test_staff_do_what_their_roles_allow_and_are_told_what_is_missing(db: None) -> None:
    sam = staff("sam", "warehouse")

    assert ask(STAFF_BOOKS, "get", sam, READ).status_code == 200
    problem = problem_of(ask(STAFF_BOOKS, "post", sam), 403, "permission_missing")
    assert problem["required_permission"] == "catalogue.add_product"


def test_what_is_for_anyone_needs_neither_a_name_nor_a_scope(clara: User) -> None:
    assert ask(OPEN_BOOKS, "delete").status_code == 200
    assert ask(OPEN_BOOKS, "delete", clara, NOTHING).status_code == 200


def test_the_scopes_of_a_session_are_all_there_are() -> None:
    request = Request(APIRequestFactory().get("/"))
    request.user = AnonymousUser()

    assert scopes_of(request) == set(SCOPES)


# --- The product's own views --------------------------------------------------------------------------------


def _views(resolver: URLResolver) -> Iterator[tuple[str, Any]]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _views(each)
        elif hasattr(each.callback, "cls"):
            yield str(each.pattern), each.callback


def _actions() -> Iterator[tuple[str, APIView, str]]:
    """Each action of each REST view that has an address, with the view as it is when it answers it."""
    for where, callback in _views(get_resolver()):
        actions = getattr(callback, "actions", None) or _methods(callback.cls)
        for action in actions.values():
            view = callback.cls(**callback.initkwargs)
            view.action = action
            yield f"{where} {action}", view, action


def _methods(view: type[APIView]) -> dict[str, str]:
    return {name: name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}


def test_every_action_of_every_view_is_for_anyone_or_names_its_scope() -> None:
    found = list(_actions())

    undeclared = [where for where, view, action in found if not _is_declared(view, action)]

    assert len(found) >= 3
    assert undeclared == []


def test_every_action_of_staff_names_a_permission_that_there_is(db: None) -> None:
    known = {f"{each.content_type.app_label}.{each.codename}" for each in Permission.objects.all()}

    named = {
        where: getattr(view, "required_permissions", {}).get(action)
        for where, view, action in _actions()
        if any(isinstance(each, StaffOnly) for each in view.get_permissions())
    }

    assert len(named) > 10
    assert {where for where, permission in named.items() if permission not in known} == set()


def _is_declared(view: APIView, action: str) -> bool:
    permissions = view.get_permissions()
    if any(isinstance(each, Scoped) for each in permissions):
        return required_scope(view, action) in SCOPES
    return any(isinstance(each, AllowAny) for each in permissions)
