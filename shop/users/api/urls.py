from django.urls import path, register_converter
from django.urls.converters import UUIDConverter

from shop.users.api.address_views import AddressViewSet
from shop.users.api.keys import ApiKeyViewSet
from shop.users.api.views import ME, UserViewSet


class Person(UUIDConverter):
    """An account's id, or `me`."""

    regex = f"{ME}|{UUIDConverter.regex}"

    def to_python(self, value: str) -> str:  # type: ignore[override]  # `me` is no UUID
        return value

    def to_url(self, value: object) -> str:
        return str(value)


register_converter(Person, "person")

urlpatterns = [
    path(
        "users/<person:person>",
        UserViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("users/<person:person>/export", UserViewSet.as_view({"get": "export"})),
    path("users/<person:person>/addresses", AddressViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "users/<person:person>/addresses/<uuid:pk>",
        AddressViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("api-keys", ApiKeyViewSet.as_view({"get": "list", "post": "create"})),
    path("api-keys/<uuid:pk>", ApiKeyViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
]
