"""Preferences: what somebody hears of, and by which channel."""

from typing import ClassVar, cast

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from notifications import services
from notifications.api.serializers import PreferenceChangesSerializer, PreferenceSerializer
from notifications.models import Preference
from shop.api import conditional
from shop.users.models import User


class PreferenceViewSet(GenericViewSet[Preference]):
    queryset = Preference.objects.none()  # a caller's own, whoever that is
    serializer_class = PreferenceSerializer
    required_scopes: ClassVar[dict[str, str]] = {
        "retrieve": "notifications:read",
        "partial_update": "notifications:write",
    }

    @extend_schema(
        operation_id="notifications_preferences_retrieve",
        summary="See what you hear of",
        description="Every kind of message, and by which channels it comes. Staff have kinds of their own beside.",
    )
    def retrieve(self, request: Request) -> Response:
        preference = services.preference_of(cast("User", request.user))
        return conditional.shown(request, preference, self.get_serializer(preference).data)

    @extend_schema(
        operation_id="notifications_preferences_update",
        summary="Choose what you hear of",
        description="What is left out stays. Channels that are `mandatory` for a kind cannot be switched off.",
        request=PreferenceChangesSerializer,
        responses=PreferenceSerializer,
        examples=[OpenApiExample("No mail of parcels", {"kinds": {"shipped": {"email": False}}}, request_only=True)],
    )
    @conditional.needs_match
    @transaction.atomic
    def partial_update(self, request: Request) -> Response:
        wanted = PreferenceChangesSerializer(data=request.data, context=self.get_serializer_context())
        wanted.is_valid(raise_exception=True)
        preference = services.preference_locked(cast("User", request.user))
        conditional.require_match(request, preference)
        try:
            services.choose(preference=preference, wanted=wanted.validated_data["kinds"])
        except services.NotToBeSwitchedOff as error:
            told = serializers.ErrorDetail(str(error), "mandatory")
            raise serializers.ValidationError({"kinds": {str(error.kind): {str(error.channel): told}}}) from error
        return conditional.shown(request, preference, self.get_serializer(preference).data)
