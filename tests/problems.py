"""Errors as clients should find them (RFC 9457)."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

_MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id", "retryable"}
_RETRYABLE = {429, 500, 503}


class AnyResponse(Protocol):
    """What test clients and httpx have in common."""

    status_code: int

    @property
    def content(self) -> bytes: ...

    @property
    def headers(self) -> Mapping[str, str]: ...


def problem_of(response: AnyResponse, status: int, code: str) -> dict[str, Any]:
    """The answer's members, once it is clear that it is a whole problem of this kind."""
    told = response.content.decode()
    assert response.status_code == status, told
    assert response.headers["Content-Type"] == "application/problem+json", told
    problem: dict[str, Any] = json.loads(told)
    assert set(problem) >= _MEMBERS
    assert (problem["status"], problem["code"]) == (status, code), told
    assert problem["type"] == f"/problems/{code}"
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"].startswith("/")
    assert problem["request_id"] == response.headers["X-Request-Id"]
    assert problem["retryable"] is (status in _RETRYABLE or "Retry-After" in response.headers)
    return problem


def pointed(problem: Mapping[str, Any]) -> dict[str, str]:
    """Each pointer of the problem's errors, with the code of what is wrong there."""
    assert all(error["detail"] for error in problem["errors"])
    return {error["pointer"]: error["code"] for error in problem["errors"]}
