"""Errors as clients get them: RFC 9457 `application/problem+json`, with a stable code and pointers to what is wrong."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.encoding import escape_uri_path
from psycopg_pool import PoolTimeout
from rest_framework import exceptions, status
from rest_framework.response import Response

_RETRYABLE = {408, 425, 429, 500, 502, 503, 504}
"""And whatever says when to try again: a 409 alone tells of a state that waiting does not change."""


class Problem(exceptions.APIException):
    """An error with a stable `code`; `facts` are members that help the client to act."""

    def __init__(
        self,
        status_code: int,
        code: str,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status_code
        self.code = code
        self.errors = errors
        self.headers = headers or {}
        self.facts = facts


def bad_parameter(name: str, code: str, detail: str) -> Problem:
    """A query parameter that is not valid; `code` says how."""
    told = {"parameter": name, "code": code, "detail": detail}
    return Problem(400, "invalid", "Some parameters are not valid; see errors.", errors=[told])


def invalid(error: exceptions.ValidationError) -> Problem:
    """What is wrong with a body, member by member."""
    errors = list(_pointed(error.get_full_details(), ""))
    return Problem(400, "invalid", "Some of what was sent is not valid; see errors.", errors=errors)


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error that a view may raise, as a problem; None for what is a bug."""
    from rest_framework.views import set_rollback  # the views import our permissions, which raise problems

    problem = _as_problem(error)
    if problem is None:
        return None
    set_rollback()
    request = context["request"]
    return Response(
        document(problem, request),
        status=problem.status_code,
        headers=problem.headers,
        content_type="application/problem+json",
    )


def document(problem: Problem, request: HttpRequest) -> dict[str, Any]:
    """The members of RFC 9457, and ours: `code`, `request_id`, `retryable`, `errors` and facts."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "detail": str(problem.detail),
        "instance": escape_uri_path(request.path),
        "code": problem.code,
        "request_id": request.META.get("shop.request_id", ""),
        "retryable": problem.status_code in _RETRYABLE or "Retry-After" in problem.headers,
    }
    return body | ({"errors": problem.errors} if problem.errors else {}) | problem.facts


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """Django's 400: a request that no view gets to see, such as one for a host that we are not."""
    return plain(Problem(400, "bad_request", "This request is not one for us."), request)


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """Django's 404: no such address."""
    return plain(Problem(404, "not_found", "There is nothing at this address."), request)


def csrf_failed(request: HttpRequest, reason: str = "") -> JsonResponse:
    """Django's CSRF check: a browser's cookie came without its token."""
    return plain(Problem(403, "csrf_failed", reason or "Send the CSRF token with a browser's session."), request)


def server_error(request: HttpRequest) -> JsonResponse:
    """Django's 500: a bug of ours."""
    return plain(Problem(500, "internal_error", "Something broke on our side; it has been logged."), request)


def plain(problem: Problem, request: HttpRequest) -> JsonResponse:
    """A problem that is told outside of DRF."""
    return JsonResponse(document(problem, request), status=problem.status_code, content_type="application/problem+json")


def _as_problem(error: Exception) -> Problem | None:
    known: Problem | None = None
    match error:
        case Problem():
            known = error
        case Http404():
            known = Problem(404, "not_found", "There is no such thing, or it is not yours to see.")
        case PermissionDenied():
            known = Problem(403, "permission_denied", "You may not do this.")
        case RequestDataTooBig():
            known = Problem(413, "too_large", f"A body has {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes at most.")
        case exceptions.ValidationError():
            known = invalid(error)
        case exceptions.APIException():
            known = _of_drf(error)
        case OperationalError() | PoolTimeout():
            detail = "The database cannot be asked just now; try again."
            known = Problem(503, "unavailable", detail, headers={"Retry-After": "2"})
    return known


def _of_drf(error: exceptions.APIException) -> Problem:
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    code = error.get_codes()
    code = code if isinstance(code, str) else "invalid"
    if error.status_code == status.HTTP_400_BAD_REQUEST and code == "parse_error":
        return Problem(400, "malformed", "The body is not valid JSON.", headers=headers)
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def _pointed(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Flatten DRF's nested details into JSON pointers (RFC 6901) into the request's body."""
    match details:
        case {"message": message, "code": code}:
            yield {"pointer": pointer, "code": str(code), "detail": str(message)}
        case dict():
            for name, inner in details.items():
                here = pointer if name == "non_field_errors" else f"{pointer}/{_escaped(str(name))}"
                yield from _pointed(inner, here)
        case list() if details and all(isinstance(inner, dict) and "message" in inner for inner in details):
            for inner in details:
                yield from _pointed(inner, pointer)
        case list():
            for place, inner in enumerate(details):
                yield from _pointed(inner, f"{pointer}/{place}")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
