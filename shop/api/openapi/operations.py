"""One operation of the document: what the view says of itself, and what follows from how it is made."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry

from shop.api.openapi.components import PROBLEM_CONTENT, SECURITY, headers
from shop.api.permissions import Anyone, Scoped, required_scope

_ANYTIME = (400, 401, 406, 429, 500, 503)
_WITH_A_BODY = (411, 413, 415)


class Operation(AutoSchema):
    """Adds problems, headers and parameters that all operations of a kind have; a view describes only its own."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        operation = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is not None:
            for name in self._shared_parameters():
                reference = {"$ref": f"#/components/parameters/{name}"}
                operation.setdefault("parameters", []).append(reference)
            for status, answer in operation["responses"].items():
                answer["headers"] = {**headers(*self._headers(status)), **answer.get("headers", {})}
                if status >= "400":  # the view has said what it means here; its shape is that of every problem
                    answer["content"] = PROBLEM_CONTENT
            for number in self._problems(operation):
                reference = {"$ref": f"#/components/responses/Problem{number}"}
                operation["responses"].setdefault(str(number), reference)
            if self._is_tagged:
                told = {"description": "The caller has it already.", "headers": headers("X-Request-Id", "ETag")}
                operation["responses"].setdefault("304", told)
            operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Every way to show who one is, with the scope that is needed; and without any where strangers are welcome."""
        if not self.view.authentication_classes:
            return []
        permissions = self.view.get_permissions()
        scoped = any(isinstance(permission, Scoped) for permission in permissions)
        scope = required_scope(self.view, self._action) if scoped else None
        ways = [{name: [scope] if scope else []} for name in SECURITY]
        return [*ways, {}] if any(isinstance(permission, Anyone) for permission in permissions) else ways

    @property
    def _action(self) -> str:
        """What the view calls this operation."""
        return str(getattr(self.view, "action", None) or self.method.lower())

    @property
    def _is_tagged(self) -> bool:
        """Whether the answer has an ETag: a single resource has, a list where the view says so."""
        return self.method == "GET" and (not self._is_list_view() or self._is("tagged"))

    def _shared_parameters(self) -> Iterator[str]:
        if self._is("idempotent"):
            yield "IdempotencyKey"
        if self._is("needs_match"):
            yield "IfMatch"
        if self._is_tagged:
            yield "IfNoneMatch"

    def _problems(self, operation: dict[str, Any]) -> Iterator[int]:
        yield from _ANYTIME
        if {} not in operation.get("security", [{}]):
            yield 403
        if "{" in self.path:
            yield from (404, 405)
        if "requestBody" in operation:
            yield from _WITH_A_BODY
        if self._is("idempotent"):
            yield from (409, 422)
        if self._is("needs_match"):
            yield from (412, 428)

    def _headers(self, status: str) -> Iterator[str]:
        yield "X-Request-Id"
        yield from ("RateLimit", "RateLimit-Policy")
        if status == "201":
            yield "Location"
        if self._is_tagged or self._is("needs_match"):
            yield "ETag"
        if self._is("idempotent"):
            yield from ("Idempotent-Replayed", "Shop-Backlog-Seconds")
        if self.method == "GET" and self._is_list_view() and self._get_paginator():  # type: ignore[no-untyped-call]
            yield from ("Link", "Preference-Applied")

    def _is(self, mark: str) -> bool:
        """Whether the view's method was marked so, by the decorator that makes it so."""
        return bool(getattr(getattr(self.view, self._action, None), mark, False))
