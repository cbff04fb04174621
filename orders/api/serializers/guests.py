"""Guests as JSON, in and out; and the token that opens what they ordered."""

import functools
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from orders.api.serializers.orders import NewOrderSerializer, OrderSerializer
from orders.services import NewGuest
from shop.api.fields import Text
from shop.users import guests
from shop.users.models import Language


class NewGuestOrderSerializer(NewOrderSerializer):
    """What a guest sends to place an order: beside the order, where to write to."""

    email = serializers.EmailField(max_length=254)
    name = Text(max_length=200, required=False, allow_blank=True)
    language = serializers.ChoiceField(Language.choices, required=False)

    def validate(self, order: dict[str, Any]) -> dict[str, Any]:
        told = {name: order.pop(name) for name in ("email", "name", "language") if name in order}
        return {**order, "customer": NewGuest(**told)}


class PlacedOrderSerializer(OrderSerializer):
    """An order as it is answered once: a guest's has the token that opens it."""

    access_token = serializers.CharField(required=False, help_text="For guests only: a bearer token for this order.")

    class Meta(OrderSerializer.Meta):
        fields = (*OrderSerializer.Meta.fields, "access_token")


def with_token(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Add to a guest's new order the token that opens it. Outside of `idempotent`: what is kept has no token in it."""

    @functools.wraps(view)
    def handle(self: Any, request: Request, *args: Any, **options: Any) -> HttpResponse:  # any view
        answer = view(self, request, *args, **options)
        if not request.user.is_authenticated:
            order = json.loads(answer.content)
            answer.content = JSONRenderer().render({**order, "access_token": guests.token_for(UUID(order["id"]))})
        return answer

    return handle
