"""Lists in pages (AIP-158, and Stripe's manners): a cursor says where a page begins, whatever was added meanwhile."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.api import cursors
from shop.api.cursors import BadCursor, Cursor
from shop.api.problems import bad_parameter

DEFAULT_LIMIT = 20
MOST = 100
_DIGITS = 9  # more are no page, and int() takes long over very many

Orderings = Mapping[str, Sequence[str]]


class CursorPages(BasePagination):
    """Keyset pages: as quick on the last page as on the first, and no row twice or left out when others are added.

    The view names its orderings, the first being the default: `orderings = {"newest": ("-placed_at", "-id")}`; each
    ends with a unique column, and none may be null. `?sort=` chooses among them, `?limit=` is clamped to 100. A cursor
    is good for the list, the filters and the order that it was made for.
    """

    parameters: ClassVar[frozenset[str]] = frozenset({"cursor", "limit", "sort"})

    def paginate_queryset(  # type: ignore[override]  # DRF's would page a list, too
        self, queryset: QuerySet[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        self.request = request
        self.sort, self.ordering = _ordering(request, getattr(view, "orderings", {"oldest": ("pk",)}))
        self.estimate = _estimate(queryset) if _wants_an_estimate(request) else None
        limit, cursor = limit_of(request), self._cursor()
        backwards = cursor is not None and cursor.backwards
        ordering = cursors.reverse(self.ordering) if backwards else list(self.ordering)
        if cursor is not None:
            queryset = queryset.filter(cursors.beyond(ordering, cursor.values))
        found = list(queryset.order_by(*ordering)[: limit + 1])
        page, more = found[:limit], len(found) > limit
        if backwards:
            page.reverse()
        self.next = self._url(page[-1], backwards=False) if page and (more or backwards) else None
        self.previous = self._url(page[0], backwards=True) if page and cursor and (more or not backwards) else None
        return page

    def get_paginated_response(self, data: Any) -> Response:
        links = [(url, relation) for url, relation in ((self.next, "next"), (self.previous, "prev")) if url]
        headers = {"Link": ", ".join(f'<{url}>; rel="{relation}"' for url, relation in links)} if links else {}
        body = {"results": data, "next": self.next, "previous": self.previous}
        if self.estimate is not None:
            headers["Preference-Applied"] = "count=estimated"
            body["estimated_count"] = self.estimate
        return Response(body, headers=headers)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri-reference"}
        told = {"type": "integer", "description": "About how many there are in all, if `Prefer: count=estimated`."}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": link | {"description": "Where the next page is; null on the last one."},
                "previous": link | {"description": "Where the page before is; null on the first one."},
                "estimated_count": told,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": 10**_DIGITS - 1, "default": DEFAULT_LIMIT}
        parameters = [
            _described("cursor", "Where the page begins: follow `next` and `previous`.", {"type": "string"}),
            _described("limit", f"How many at most; more than {MOST} are cut to {MOST}.", limit),
        ]
        orderings = list(getattr(view, "orderings", ()))
        if orderings:
            schema = {"type": "string", "enum": orderings, "default": orderings[0]}
            parameters.append(_described("sort", "In which order.", schema))
        return parameters

    def _cursor(self) -> Cursor | None:
        text = self.request.query_params.get("cursor")
        try:
            return None if text is None else cursors.read(text, self._good_for())
        except BadCursor as error:
            raise bad_parameter("cursor", "cursor_invalid", f"{error.args[0]} Begin without one.") from None

    def _url(self, row: Any, *, backwards: bool) -> str:
        cursor = cursors.written(cursors.beside(row, self.ordering, backwards=backwards), self._good_for())
        kept = [(name, value) for name, value in _asked(self.request) if name != "cursor"]
        return f"{self.request.path}?{urlencode([*kept, ('cursor', cursor)])}"

    def _good_for(self) -> str:
        """List, filters and order; another limit does no harm."""
        asked = sorted((name, value) for name, value in _asked(self.request) if name not in self.parameters)
        good_for = json.dumps([self.request.path, asked, self.sort])
        return f"cursor.{hashlib.sha256(good_for.encode()).hexdigest()}"


def limit_of(request: Request) -> int:
    """How many are asked for; raises `Problem` for what is no number of things."""
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS and int(text) > 0):
        raise bad_parameter("limit", "invalid", "A limit is a whole number from 1.")
    return min(int(text), MOST)


def _ordering(request: Request, orderings: Orderings) -> tuple[str, Sequence[str]]:
    sort = request.query_params.get("sort", next(iter(orderings)))
    if sort not in orderings:
        raise bad_parameter("sort", "invalid_choice", f"This list can be sorted by {', '.join(orderings)}.")
    return sort, orderings[sort]


def _asked(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.query_params.lists() for value in values]


def _wants_an_estimate(request: Request) -> bool:
    return "count=estimated" in request.headers.get("Prefer", "").replace(" ", "").split(",")


def _estimate(queryset: QuerySet[Any]) -> int:
    """What the planner thinks: counting would read every row."""
    explained = queryset.order_by().explain(format="json")
    if not explained:  # Django itself knows that there is nothing to find, and asks nobody
        return 0
    return int(json.loads(explained)[0]["Plan"]["Plan Rows"])


def _described(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
