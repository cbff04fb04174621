"""Answering what is wanted under Idempotency-Keys: as before, or by acting on it, in one transaction."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from shop.api.answers import Claim, Kept, keep, take
from shop.api.models import IdempotentAnswer
from shop.api.problems import Problem
from shop.bus import Context, gather
from shop.clock import ShopNow
from shop.sweeping import sweep

_KEPT_HEADERS = ("Location", "ETag")
_LITTLE = "100ms"  # for locks, while others wait: who has to wait longer does so alone


class Wish(NamedTuple):
    """What somebody wants under a key, or what is wrong with that; and what caused it."""

    claim: Claim
    digest: bytes
    cause: Context
    wanted: Any = None
    error: APIException | None = None


Act = Callable[[Sequence[Wish]], Sequence[Response | Exception]]
"""Acts on what is wanted, and answers each, or says what is wrong with it; then it has done nothing for that one."""


def answered(wishes: Sequence[Wish], act: Act, *, others_wait: bool = False) -> Sequence[HttpResponse | Exception]:
    """The answer to each wish, or what is wrong with it. What was answered before is only told again."""
    with transaction.atomic(), gather():
        known = take([wish.claim for wish in wishes], patience=_LITTLE if others_wait else None)
        answers = [_known(wish, each) for wish, each in zip(wishes, known, strict=True)]
        fresh = [wish for wish, answer in zip(wishes, answers, strict=True) if answer is None]
        acted = iter(_acted(fresh, act))
        sweep(_past)
    return [answer or next(acted) for answer in answers]


def _known(wish: Wish, kept: Kept | Problem | None) -> HttpResponse | Exception | None:
    if not isinstance(kept, Kept):
        return kept or wish.error
    if kept.body_digest != wish.digest:
        return Problem(422, "idempotency_key_reused", "This Idempotency-Key was used for another request body.")
    headers = {**kept.headers, "Idempotent-Replayed": "true"}
    return HttpResponse(kept.body, status=kept.status, headers=headers, content_type="application/json")


def _acted(wishes: Sequence[Wish], act: Act) -> list[HttpResponse | Exception]:
    if not wishes:
        return []
    answers = [each if isinstance(each, Exception) else _rendered(each) for each in act(wishes)]
    kept = {
        wish.claim: Kept(wish.digest, answer.status_code, _told(answer), answer.content.decode())
        for wish, answer in zip(wishes, answers, strict=True)
        if not isinstance(answer, Exception)
    }
    if kept:
        keep(kept)
    return answers


def _rendered(response: Response) -> HttpResponse:
    body = JSONRenderer().render(response.data)
    return HttpResponse(body, status=response.status_code, headers=_told(response), content_type="application/json")


def _told(response: HttpResponse) -> dict[str, str]:
    return {name: response[name] for name in _KEPT_HEADERS if name in response}


def _past() -> Any:  # a query set
    """By the database's clock: a web process whose own is days ahead would forget what is still to be answered."""
    kept_since = ShopNow() - settings.IDEMPOTENCY_KEPT
    return IdempotentAnswer.objects.filter(created_at__lt=kept_since).order_by("created_at")
