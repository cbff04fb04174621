"""API keys over HTTP: make one, see them, revoke one."""

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from shop.api.fields import StrictSerializer, Text
from shop.api.permissions import demand
from shop.api.problems import Problem
from shop.api.scopes import SCOPES
from shop.users import api_keys
from shop.users.models import ApiKey, User


class NewApiKeySerializer(StrictSerializer):
    name = Text(max_length=100, help_text="What it is for; people recognise it by this.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SCOPES)), allow_empty=False, max_length=len(SCOPES)
    )
    expires_at = serializers.DateTimeField(
        required=False, validators=[api_keys.check_end], help_text="90 days from now unless told otherwise."
    )


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    class Meta:
        model = ApiKey
        fields = ["id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"]


class IssuedApiKeySerializer(ApiKeySerializer):
    secret = serializers.CharField(help_text="What to send as `Authorization: Bearer`. It is never shown again.")

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "secret"]


class ApiKeyViewSet(ListModelMixin, GenericViewSet[ApiKey]):
    serializer_class = ApiKeySerializer
    required_scopes = dict.fromkeys(("list", "create", "retrieve", "destroy"), "keys:write")
    orderings = {"newest": ("-created_at", "-id")}

    def get_queryset(self) -> QuerySet[ApiKey]:
        """A caller's own, also those that are revoked or expired; staff see those of others in the admin."""
        return ApiKey.objects.filter(owner=self.request.user.pk)

    @extend_schema(
        operation_id="api_keys_list",
        summary="See your API keys",
        description="Also those that are revoked or have expired.",
    )
    def list(self, request: Request) -> Response:
        return super().list(request)

    @extend_schema(
        operation_id="api_keys_create",
        summary="Make an API key",
        request=NewApiKeySerializer,
        responses={
            201: IssuedApiKeySerializer,
            409: OpenApiResponse(description="So many keys are live already: `most` says how many may be."),
        },
        examples=[OpenApiExample("A till", {"name": "Till 3", "scopes": ["orders:write"]}, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """The secret is in this answer only: no `Idempotency-Key` can bring it back. A lost one is made anew."""
        wanted = NewApiKeySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        for scope in wanted.validated_data["scopes"]:
            demand(request, scope)
        try:
            secret, key = api_keys.issue(owner=cast("User", request.user), **wanted.validated_data)
        except api_keys.TooManyKeys as error:
            raise Problem(409, "too_many_keys", str(error), most=api_keys.MOST_LIVE) from error
        shown: dict[str, Any] = {**self.get_serializer(key).data, "secret": secret}
        return Response(shown, status=201, headers={"Location": f"/api/v1/api-keys/{key.pk}"})

    @extend_schema(
        operation_id="api_keys_retrieve",
        summary="See one of your API keys",
        description="Its secret is not shown again.",
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        key = self.get_object()
        return Response(self.get_serializer(key).data, headers={"Cache-Control": "no-store"})

    @extend_schema(operation_id="api_keys_revoke", summary="Revoke an API key", responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """It is refused from now on, and stays in the list. Revoking it again changes nothing."""
        api_keys.revoke(key=self.get_object())
        return Response(status=204)
