"""Requests of accounts are whole: all of one happens, or nothing.

allauth saves in many small steps. Here each of its requests is one transaction, so that no account is left without its
address, its session or its news. Errors keep the shape that allauth publishes, since its clients expect it:
`{"status": 400, "errors": [{"code", "message"}]}`.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth import SESSION_KEY
from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from psycopg_pool import PoolTimeout

from shop.bus import act_as, gather
from shop.states import Stale

_OURS = "/_allauth/"
_BODIES = {"POST", "PUT", "PATCH", "DELETE"}

View = Callable[..., HttpResponseBase]


class _Credential(msgspec.Struct):
    """A passkey's answer (WebAuthn, PublicKeyCredential as JSON); what is none of this shape, allauth stumbles over."""

    id: str
    rawId: str  # noqa: N815 - the standard's
    type: str
    response: dict[str, Any]


class _Body(msgspec.Struct):
    """What is looked at before allauth sees it; the rest of a body is allauth's."""

    credential: _Credential | msgspec.UnsetType | None = msgspec.UNSET


class WholeRequests:
    """The last middleware: it calls allauth's views itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: list[Any], options: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not request.path.startswith(_OURS):
            return None
        if not _is_readable(request):
            return _error(400, "malformed", "The body is not a JSON object of the right shape.")
        try:
            return _answer_despite_races(lambda: view(request, *args, **options), request)
        except ImmediateHttpResponse as told:
            return told.response
        except (OperationalError, PoolTimeout):
            return _error(503, "unavailable", "The database cannot be asked just now; try again.")


def _answer_despite_races(view: Callable[[], HttpResponseBase], request: HttpRequest) -> HttpResponseBase:
    """Who lost a race, for an e-mail address perhaps, tries again and sees what the winner did."""
    try:
        return _whole(view, request)
    except (IntegrityError, Stale):
        pass
    try:
        return _whole(view, request)
    except (IntegrityError, Stale):
        return _error(409, "changed_meanwhile", "Somebody else changes the same just now; try again.")


def _whole(view: Callable[[], HttpResponseBase], request: HttpRequest) -> HttpResponseBase:
    with transaction.atomic(), gather():
        if user_id := request.session.get(SESSION_KEY):
            act_as(f"user:{user_id}")
        return view()


def _is_readable(request: HttpRequest) -> bool:
    """JSON that a database can keep: no half characters, no endless nesting. An empty body is left to the view."""
    if request.method not in _BODIES or not request.body:
        return True
    try:
        msgspec.json.decode(request.body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _error(status: int, code: str, message: str) -> JsonResponse:
    headers = {"Retry-After": "2"} if status == 503 else {}  # noqa: PLR2004 - Service Unavailable
    errors = [{"code": code, "message": message}]
    return JsonResponse({"status": status, "errors": errors}, status=status, headers=headers)
