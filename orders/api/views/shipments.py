"""Shipments of an order: staff say what has left and what has arrived, its customer follows it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from orders import services
from orders.api.access import visible_orders
from orders.api.examples import PART_SHIPMENT, WHOLE_SHIPMENT
from orders.api.problems import in_lines
from orders.api.serializers.shipments import NewDeliverySerializer, NewShipmentSerializer, ShipmentSerializer
from orders.models import Order, Shipment
from shop.api import conditional
from shop.api.idempotency import idempotent
from shop.api.permissions import StaffOnly
from shop.api.problems import Problem
from shop.users.permissions import OrGuest


class ShipmentViewSet(ListModelMixin, GenericViewSet[Shipment]):
    serializer_class = ShipmentSerializer
    lookup_url_kwarg = "shipment"
    required_scopes = {
        "list": "orders:read",
        "retrieve": "orders:read",
        "create": "shipments:write",
        "deliver": "shipments:write",
    }
    required_permissions = {"create": "orders.add_shipment", "deliver": "orders.change_shipment"}

    def get_permissions(self) -> Sequence[Any]:  # whatever can be asked for permission
        return [StaffOnly()] if self.action in {"create", "deliver"} else [OrGuest()]

    def get_queryset(self) -> QuerySet[Shipment]:
        if getattr(self, "swagger_fake_view", False):  # the OpenAPI document asks for no order's
            return Shipment.objects.none()
        return Shipment.objects.filter(order=self._order()).prefetch_related("lines__line")

    @extend_schema(
        operation_id="shipments_list",
        summary="See what of an order has left",
        description="The shipments of the order, in the order in which they left.",
    )
    def list(self, request: Request, pk: str) -> Response:
        return super().list(request)

    @extend_schema(
        operation_id="shipments_retrieve",
        summary="See a shipment",
        description="What is in it, who carries it, how to follow it, and whether it has arrived.",
    )
    def retrieve(self, request: Request, pk: str, shipment: str) -> Response:
        found = self.get_object()
        return conditional.shown(request, found, self.get_serializer(found).data)

    @extend_schema(
        operation_id="shipments_create",
        summary="Ship an order, or a part of it",
        description=(
            "For staff. Without `lines` all that is left has left. The order is `shipped` with its last part; until "
            "then its `fulfilment_status` is `partial`. 409 `not_shippable`: it is not confirmed, not paid for, or has "
            "left; 409 `more_than_remaining`: `remaining` says how many of each SKU are left."
        ),
        request=NewShipmentSerializer,
        responses={201: ShipmentSerializer},
        examples=[WHOLE_SHIPMENT, PART_SHIPMENT],
    )
    @idempotent
    def create(self, request: Request, pk: str) -> Response:
        order = self._order()
        wanted = NewShipmentSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            shipment = services.ship(order_id=order.pk, **wanted.validated_data)
        except services.NotOrdered as error:
            raise in_lines(error.places, "This SKU is not in this order.", "not_ordered") from error
        except services.NotShippable as error:
            raise _not_shippable(error.order) from error
        except services.TooMany as error:
            raise _too_many(error) from error
        return self._written(request, shipment)

    @extend_schema(
        operation_id="shipments_deliver",
        summary="Note that a shipment has arrived",
        description=(
            "For staff. The order is `delivered` when all of it has left and arrived. 409 `already_delivered` says "
            "when the shipment arrived before."
        ),
        request=None,
        responses={201: ShipmentSerializer},
    )
    @idempotent
    def deliver(self, request: Request, pk: str, shipment: str) -> Response:
        NewDeliverySerializer(data=request.data).is_valid(raise_exception=True)
        try:
            delivered = services.deliver(order_id=self._order().pk, shipment_id=self.get_object().pk)
        except services.AlreadyDelivered as error:
            detail = "This shipment has arrived before."
            raise Problem(409, "already_delivered", detail, delivered_at=error.shipment.delivered_at) from error
        return self._written(request, delivered)

    def _order(self) -> Order:
        return get_object_or_404(visible_orders(self.request), pk=self.kwargs["pk"])

    def _written(self, request: Request, shipment: Shipment) -> Response:
        told: dict[str, Any] = dict(self.get_serializer(shipment).data)
        return conditional.shown(request, shipment, told, status=201, headers={"Location": told["links"]["self"]})


def _not_shippable(order: Order) -> Problem:
    return Problem(
        409,
        "not_shippable",
        "Only what is confirmed and paid for can leave, and only once.",
        order_status=order.status,
        payment_status=order.payment_status,
        fulfilment_status=order.fulfilment_status,
        needed={"order_status": "confirmed", "payment_status": "captured"},
    )


def _too_many(error: services.TooMany) -> Problem:
    remaining = [{"sku": sku, "quantity": quantity} for sku, quantity in error.remaining.items()]
    return Problem(409, "more_than_remaining", "So many pieces are not left to ship.", remaining=remaining)
