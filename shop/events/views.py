"""Events over HTTP: the feed of what happened, and the catalogue of what may happen."""

import msgspec
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.api.conditional import published
from shop.api.permissions import Anyone, StaffOnly
from shop.events import catalogue
from shop.events.addresses import schemas_at
from shop.events.envelope import Envelope
from shop.events.feed import Asked, address_of_next


class Feed(APIView):
    """All events, each once, causes before effects and each subject in its sequence, for staff and their keys."""

    permission_classes = [StaffOnly]
    required_scopes = {"get": "events:read"}

    def get(self, request: Request) -> Response:
        """`next` is always an address to ask again; at the end of the log it is the one that was asked."""
        asked = Asked.by(request)
        page = asked.read()
        schemas = schemas_at(request)
        events = [Envelope.of(event, schemas) for event in page.events]
        address = address_of_next(request, page.place)
        answer = published(request, {"results": msgspec.to_builtins(events), "next": address})
        answer["Cache-Control"] = "no-store"
        answer["Link"] = f'<{address}>; rel="next"'
        return answer


class EventTypes(APIView):
    """Every kind of event: its meaning, its schema, an example, and who reacts."""

    permission_classes = [Anyone]

    def get(self, request: Request) -> Response:
        return published(request, {"results": catalogue.catalogue(schemas_at(request))})


class EventSchema(APIView):
    """The JSON Schema of the data of one kind of event; `dataschema` of an envelope points here."""

    permission_classes = [Anyone]

    def get(self, request: Request, name: str, version: int) -> Response:
        event = catalogue.find(name, version)
        if event is None:
            raise Http404
        return published(request, {"$id": schemas_at(request)(name, version)} | catalogue.schema(event))
