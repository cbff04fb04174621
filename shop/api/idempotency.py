"""Idempotency-Key (IETF draft): a request that is sent again gets its first answer again, and acts once."""

import functools
import hashlib
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api.answering import Act, Wish, answered
from shop.api.answers import Claim
from shop.api.backlog import tell_backlog
from shop.api.models import IdempotentAnswer
from shop.api.problems import Problem
from shop.bus import current
from shop.grouping import Group
from shop.users.guests import GuestGrant

_LONGEST_KEY = 255
_STRANGER = "guest"
_HARD_TO_GUESS = 16  # characters: strangers share their keys, and who has a key and a body gets their answer again

View = Callable[..., Response]


def idempotent(view: View) -> Callable[..., HttpResponse]:
    """Run a view method once per caller, method, path and key; its effect and its answer commit together.

    Answers 400 without a key, 422 if the key was used for another body, 409 while the first request still runs. Errors
    roll back and are not kept: a corrected request may use the key again.
    """

    @functools.wraps(view)
    def handle(self: Any, request: Request, *args: Any, **options: Any) -> HttpResponse:  # any view
        (answer,) = answered([_wish_of(request)], lambda _wishes: [view(self, request, *args, **options)])
        if isinstance(answer, Exception):
            raise answer
        return tell_backlog(answer)

    handle.idempotent = True  # type: ignore[attr-defined]  # which the OpenAPI document tells
    return handle


def idempotent_together(act: Act) -> Callable[[Callable[..., Any]], Callable[..., HttpResponse]]:
    """As `idempotent`, for a view method that only says what is wanted.

    What users want at the same time is acted on in one transaction; a stranger comes alone, as one context holds for
    all that has none of its own.
    """
    group = Group[Wish, HttpResponse](functools.partial(answered, act=act))

    def decorated(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def handle(self: Any, request: Request, *args: Any, **options: Any) -> HttpResponse:  # any view
            wish = _wish_of(request)
            try:
                wish = wish._replace(wanted=view(self, request, *args, **options))
            except APIException as error:
                wish = wish._replace(error=error)
            ask = group.ask if request.user.is_authenticated else group.alone
            return tell_backlog(ask(wish))

        handle.idempotent = True  # type: ignore[attr-defined]  # as above
        return handle

    return decorated


def _wish_of(request: Request) -> Wish:
    caller = _caller_of(request)
    claim = Claim(caller, f"{request.method} {request.path}", _key_of(request, caller))
    return Wish(claim, hashlib.sha256(request.body).digest(), current())


def forget_guests(*, order_ids: Iterable[UUID]) -> None:
    """Forget what guests were answered who placed these orders, and what they asked for with the orders' tokens."""
    ids = list(order_ids)
    placed = Q(caller=_STRANGER, headers__Location__in=[f"/api/v1/orders/{order_id}" for order_id in ids])
    IdempotentAnswer.objects.filter(placed | Q(caller__in=map(_caller_with, ids))).delete()


def _caller_with(order_id: UUID) -> str:
    return f"guest:{order_id}"


def _caller_of(request: Request) -> str:
    """Whose key it is: a user's, whichever of their tokens they use; a guest's for one order; or any stranger's."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return _caller_with(request.auth.order_id) if isinstance(request.auth, GuestGrant) else _STRANGER


def _key_of(request: Request, caller: str) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise Problem(400, "idempotency_key_missing", "Send an Idempotency-Key header: any unique string of yours.")
    if len(key) > _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Problem(
            400,
            "idempotency_key_invalid",
            f"An Idempotency-Key has {_LONGEST_KEY} printable ASCII characters at most.",
        )
    if caller == _STRANGER and len(key) < _HARD_TO_GUESS:
        raise Problem(
            400,
            "idempotency_key_invalid",
            f"Without an account an Idempotency-Key has {_HARD_TO_GUESS} characters at least: make a random one.",
        )
    return key
