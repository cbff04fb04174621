"""Conditional requests (RFC 9110, section 13): an ETag on every resource, 304 for who has it, 412 for who is late."""

import functools
import hashlib
from collections.abc import Callable
from typing import Any

from django.utils.http import parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api.problems import Problem
from shop.states import Guarded

PUBLIC = "public, max-age=0, must-revalidate"
"""Cache-Control of what everybody may see: kept anywhere, and asked for again by its ETag."""


def etag(row: Guarded) -> str:
    """A row's ETag is its version, which grows with every save."""
    return f'"{row.version}"'


def shown(
    request: Request, row: Guarded, data: Any, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A row of somebody's as an answer with its ETag, or 304 for who has that version already."""
    return _answer(request, data, {"ETag": etag(row)} | (headers or {}), status=status)


def published(request: Request, data: Any) -> Response:
    """What everybody may see, with an ETag of its content; for what is put together from several rows."""
    return _answer(request, data, {"ETag": content_tag(data), "Cache-Control": PUBLIC})


def tagged(view: Callable[..., Response]) -> Callable[..., Response]:
    """Give a view's answers an ETag of their content. Everybody may see what it gets, unless it says otherwise."""

    @functools.wraps(view)
    def handle(self: Any, request: Request, *args: Any, **options: Any) -> Response:  # any view
        response = view(self, request, *args, **options)
        told = {name: value for name, value in response.headers.items() if name != "Content-Type"}
        told["ETag"] = content_tag(response.data)
        if request.method in {"GET", "HEAD"}:
            told.setdefault("Cache-Control", PUBLIC)
        return _answer(request, response.data, told, status=response.status_code)

    handle.tagged = True  # type: ignore[attr-defined]  # which the OpenAPI document tells
    return handle


def content_tag(data: Any) -> str:
    """The ETag of what is put together from several rows: it changes when what is answered does."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]}"'


def require_match(request: Request, row: Guarded) -> None:
    """Refuse to change a row that the client has not seen as it stands now.

    Raises `Problem`: 428 without If-Match, 412 when the row has moved on. Call it on a locked row.
    """
    require_tag(request, etag(row))


def require_tag(request: Request, current: str) -> None:
    """Refuse to change what the client has not seen as it stands now, by its present ETag. Raises as above."""
    wanted = _wanted(request)
    if current not in parse_etags(wanted) and wanted.strip() != "*":
        raise Problem(412, "changed_meanwhile", "It has changed since you read it; read it again.", current=current)


def needs_match(view: Callable[..., Response]) -> Callable[..., Response]:
    """Answer 428 before anything is read or locked, where If-Match is missing; the view still has to look at it."""

    @functools.wraps(view)
    def handle(self: Any, request: Request, *args: Any, **options: Any) -> Response:  # any view
        _wanted(request)
        return view(self, request, *args, **options)

    handle.needs_match = True  # type: ignore[attr-defined]  # which the OpenAPI document tells
    return handle


def _wanted(request: Request) -> str:
    wanted = request.headers.get("If-Match", "")
    if not wanted:
        detail = "Send If-Match with the ETag that you last saw, so that nobody's change is overwritten unseen."
        raise Problem(428, "if_match_missing", detail)
    return wanted


def _answer(request: Request, data: Any, headers: dict[str, str], *, status: int = 200) -> Response:
    if request.method in {"GET", "HEAD"} and _is_known(headers["ETag"], request.headers.get("If-None-Match", "")):
        return Response(status=304, headers=headers)
    return Response(data, status=status, headers=headers)


def _is_known(tag: str, known: str) -> bool:
    """Weak comparison: a proxy that compressed an answer may have made its tag a weak one."""
    return known.strip() == "*" or tag in (each.removeprefix("W/") for each in parse_etags(known))
