"""Messages in the app: what somebody was told, newest first, read or not yet."""

from typing import ClassVar, cast

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from notifications import services
from notifications.api.filters import MessageFilters
from notifications.api.serializers import MessageChangesSerializer, MessageSerializer
from notifications.models import Channel, Message
from shop.api import conditional
from shop.users.models import User


class MessageViewSet(ListModelMixin, GenericViewSet[Message]):
    queryset = Message.objects.none()  # a caller's own, whoever that is
    serializer_class = MessageSerializer
    filterset_class = MessageFilters
    orderings: ClassVar[dict[str, tuple[str, ...]]] = {"newest": ("-id",), "oldest": ("id",)}
    required_scopes: ClassVar[dict[str, str]] = {
        "list": "notifications:read",
        "retrieve": "notifications:read",
        "partial_update": "notifications:write",
    }

    def get_queryset(self) -> QuerySet[Message]:
        caller = cast("User", self.request.user)
        own = Message.objects.filter(recipient_id=caller.pk, channel=Channel.APP)
        return own.exclude(subject="")  # which is what is left of forgotten ones

    @extend_schema(
        operation_id="notifications_list",
        summary="See what you were told",
        description="A caller's own messages, in pages. Guests get mails only.",
    )
    def list(self, request: Request) -> Response:
        return super().list(request)

    @extend_schema(
        operation_id="notifications_retrieve", summary="Look at a message", description="One of a caller's own."
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        message = self.get_object()
        return conditional.shown(request, message, self.get_serializer(message).data)

    @extend_schema(
        operation_id="notifications_update",
        summary="Mark a message as read",
        description="Or, with `false`, as not read yet. Only its person does, so it needs no If-Match.",
        request=MessageChangesSerializer,
        responses=MessageSerializer,
        examples=[OpenApiExample("Read", {"read": True}, request_only=True)],
    )
    @transaction.atomic
    def partial_update(self, request: Request, pk: str) -> Response:
        wanted = MessageChangesSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        message: Message = get_object_or_404(self.get_queryset().select_for_update(), pk=pk)
        services.mark_read(message=message, **wanted.validated_data)
        return conditional.shown(request, message, self.get_serializer(message).data)
