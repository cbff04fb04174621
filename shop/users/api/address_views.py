"""Address books over HTTP."""

from typing import ClassVar

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from shop.api import conditional
from shop.api.problems import Problem
from shop.users import services
from shop.users.api.serializers import AddressFieldsSerializer, AddressSerializer
from shop.users.api.views import found
from shop.users.models import Address

_HOME = {"name": "Ada", "line1": "1 Row", "city": "Bath", "postal_code": "BA1", "country": "GB"}


class AddressViewSet(ListModelMixin, GenericViewSet[Address]):
    queryset = Address.objects.none()  # whose is meant stands in the path
    serializer_class = AddressSerializer
    orderings: ClassVar[dict[str, tuple[str, ...]]] = {"oldest": ("created_at", "id"), "newest": ("-created_at", "-id")}
    required_scopes: ClassVar[dict[str, str]] = {
        "list": "users:read",
        "create": "users:write",
        "retrieve": "users:read",
        "partial_update": "users:write",
        "destroy": "users:write",
    }

    def get_queryset(self) -> QuerySet[Address]:
        return Address.objects.filter(user=found(self.request, self.kwargs["person"]))

    @extend_schema(
        operation_id="addresses_list", summary="See an address book", description="A person's addresses, in pages."
    )
    def list(self, request: Request, person: str) -> Response:
        return super().list(request)

    @extend_schema(
        operation_id="addresses_create",
        summary="Add an address",
        description="One that is made a default takes that from the one that was.",
        request=AddressFieldsSerializer,
        responses={
            201: AddressSerializer,
            409: OpenApiResponse(description="The address book is full: `most` says how many it holds."),
        },
        examples=[OpenApiExample("Home", _HOME | {"default_shipping": True}, request_only=True)],
    )
    def create(self, request: Request, person: str) -> Response:
        wanted = AddressFieldsSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        user = found(request, person, permission="users.change_user")
        try:
            address = services.add_address(user=user, **wanted.validated_data)
        except services.TooManyAddresses as error:
            raise Problem(409, "too_many_addresses", str(error), most=services.MOST_ADDRESSES) from error
        here = {"Location": f"/api/v1/users/{user.pk}/addresses/{address.pk}"}
        return conditional.shown(request, address, self.get_serializer(address).data, status=201, headers=here)

    @extend_schema(
        operation_id="addresses_retrieve", summary="Look at an address", description="One of a person's addresses."
    )
    def retrieve(self, request: Request, **_keys: str) -> Response:
        address = self.get_object()
        return conditional.shown(request, address, self.get_serializer(address).data)

    @extend_schema(
        operation_id="addresses_update",
        summary="Change an address",
        description="What is left out stays. Orders keep the address that they were placed with.",
        request=AddressFieldsSerializer,
        responses=AddressSerializer,
        examples=[OpenApiExample("Next door", {"line1": "2 Row"}, request_only=True)],
    )
    @conditional.needs_match
    @transaction.atomic
    def partial_update(self, request: Request, person: str, pk: str) -> Response:
        wanted = AddressFieldsSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        address = self._locked(request, person, pk)
        services.change_address(address=address, **wanted.validated_data)
        return conditional.shown(request, address, self.get_serializer(address).data)

    @extend_schema(
        operation_id="addresses_remove",
        summary="Remove an address",
        description="Orders keep the address that they were placed with.",
        responses={204: None},
    )
    @conditional.needs_match
    @transaction.atomic
    def destroy(self, request: Request, person: str, pk: str) -> Response:
        self._locked(request, person, pk).delete()
        return Response(status=204)

    def _locked(self, request: Request, person: str, pk: str) -> Address:
        """The address, of a person who is locked before it, as all who change address books do."""
        user = found(request, person, services.people_locked(), permission="users.change_user")
        address: Address = get_object_or_404(Address.objects.locked().filter(user=user), pk=pk)
        conditional.require_match(request, address)
        return address
