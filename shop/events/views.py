"""Events over HTTP: the feed of what happened, and the catalogue of what may happen."""

import msgspec
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.api.conditional import published
from shop.api.pages import DEFAULT_LIMIT, MOST
from shop.api.permissions import Anyone, StaffOnly
from shop.events import catalogue, schemas
from shop.events.addresses import schemas_at
from shop.events.envelope import Envelope
from shop.events.feed import Asked, address_of_next

_FILTERS = [
    OpenApiParameter("after", str, description="Where to go on: follow `next`."),
    OpenApiParameter("type", str, many=True, description="Events of these types only; a list with commas will do."),
    OpenApiParameter("subject", str, description="Events of this subject only, such as `orders/0199...`."),
    OpenApiParameter("limit", int, default=DEFAULT_LIMIT, description=f"How many at most; {MOST} are the most."),
]


class Feed(APIView):
    """All events, each once, causes before effects and each subject in its sequence, for staff and their keys."""

    permission_classes = [StaffOnly]
    required_scopes = {"get": "events:read"}
    required_permissions = {"get": "bus.view_event"}

    @extend_schema(
        operation_id="events_list",
        summary="Read what happened",
        description=(
            "Every event, each once, as CloudEvents 1.0: causes before effects, and each subject in its `sequence`. "
            "`next` is always an address to ask again; when it is the one that you asked, you have seen everything "
            "there is so far. With filters a page may be short, or empty, while `next` leads on. An event shows up "
            "once all transactions that wrote before it have ended. 410 `cursor_expired` says that the log does not "
            "go on from there, because it was restored or keeps no events that old: begin anew without `after`."
        ),
        parameters=_FILTERS,
        responses={200: OpenApiResponse(schemas.PAGE, "Some events, oldest first.")},
    )
    def get(self, request: Request) -> Response:
        asked = Asked.by(request)
        page = asked.read()
        addresses = schemas_at(request)
        events = [Envelope.of(event, addresses) for event in page.events]
        address = address_of_next(request, page.place)
        answer = published(request, {"results": msgspec.to_builtins(events), "next": address})
        answer["Cache-Control"] = "no-store"
        answer["Link"] = f'<{address}>; rel="next"'
        return answer


class EventTypes(APIView):
    """Every kind of event: its meaning, its schema, an example, and who reacts."""

    permission_classes = [Anyone]

    @extend_schema(
        operation_id="event_types_list",
        summary="See what may happen",
        description="Every kind of event: its meaning, the schema of its data, an example, and who reacts.",
        responses={200: OpenApiResponse(schemas.KINDS, "All kinds of events.")},
    )
    def get(self, request: Request) -> Response:
        return published(request, {"results": catalogue.catalogue(schemas_at(request))})


class EventSchema(APIView):
    """The JSON Schema of the data of one kind of event; `dataschema` of an envelope points here."""

    permission_classes = [Anyone]

    @extend_schema(
        operation_id="event_types_schema",
        summary="Get the schema of an event's data",
        description="The JSON Schema that `dataschema` of an event points to.",
        responses={200: OpenApiResponse(schemas.DATA_SCHEMA, "The schema.")},
    )
    def get(self, request: Request, name: str, version: int) -> Response:
        event = catalogue.find(name, version)
        if event is None:
            raise Http404
        return published(request, {"$id": schemas_at(request)(name, version)} | catalogue.schema(event))
