"""Where the schemas of events are, as absolute addresses: CloudEvents and JSON Schema want them so."""

from django.http import HttpRequest
from django.urls import reverse

from shop.events.envelope import SchemaAddress


def schemas_at(request: HttpRequest) -> SchemaAddress:
    """The addresses of schemas, at the host that the request was made to."""
    return lambda name, version: request.build_absolute_uri(reverse("event-schema", args=[name, version]))
