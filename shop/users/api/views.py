"""People over HTTP: look at an account, change it, take everything along, be erased. `me` is whoever asks."""

from typing import ClassVar, cast

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from shop.api import conditional
from shop.api.permissions import demand, demand_permission
from shop.users import erasing, exporting, services
from shop.users.api.proof import require_password
from shop.users.api.serializers import ErasureSerializer, UserChangesSerializer, UserSerializer
from shop.users.models import User
from shop.users.permissions import staff_may

ME = "me"


_CHANGING = "users.change_user"


class UserViewSet(GenericViewSet[User]):
    queryset = User.objects.all()
    serializer_class = UserSerializer
    required_scopes: ClassVar[dict[str, str]] = {
        "retrieve": "users:read",
        "partial_update": "users:write",
        "destroy": "users:write",
        "export": "users:read",
    }

    @extend_schema(
        operation_id="users_retrieve",
        summary="Look at an account",
        description="`me` stands for whoever asks. Staff see everybody; for others there is nobody else.",
    )
    def retrieve(self, request: Request, person: str) -> Response:
        user = found(request, person)
        return conditional.shown(request, user, self.get_serializer(user).data)

    @extend_schema(
        operation_id="users_update",
        summary="Change name, language or wishes",
        description="What is left out stays. E-mail address and password are changed at `/_allauth/`.",
        request=UserChangesSerializer,
        responses=UserSerializer,
        examples=[OpenApiExample("In German", {"name": "Ada Lovelace", "language": "de"}, request_only=True)],
    )
    @conditional.needs_match
    @transaction.atomic
    def partial_update(self, request: Request, person: str) -> Response:
        wanted = UserChangesSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        user = found(request, person, User.objects.locked(), permission=_CHANGING)
        conditional.require_match(request, user)
        services.change_user(user=user, **wanted.validated_data)
        return conditional.shown(request, user, self.get_serializer(user).data)

    @extend_schema(
        operation_id="users_erase",
        summary="Erase an account",
        description=(
            "Everything personal goes, everywhere; books are kept, and open orders keep their address until they end. "
            "Needs the caller's own `password`, where they have one: 403 `password_wrong` without it."
        ),
        request=ErasureSerializer,
        responses={204: None},
        examples=[OpenApiExample("By its owner", {"password": "a long way from here"}, request_only=True)],
    )
    @conditional.needs_match
    def destroy(self, request: Request, person: str) -> Response:
        proof = ErasureSerializer(data=request.data)
        proof.is_valid(raise_exception=True)
        conditional.require_match(request, found(request, person, permission=_CHANGING))
        require_password(request, proof.validated_data.get("password", ""))
        with transaction.atomic():
            user = found(request, person, User.objects.locked())
            conditional.require_match(request, user)
            erasing.erase(user=user)
        return Response(status=204)

    @extend_schema(
        operation_id="users_export",
        summary="Take along everything that is held about a person",
        description=(
            "What each part of the shop holds, under its name. A limited grant needs `users:read`, `orders:read`, "
            "`payments:read` and `notifications:read`."
        ),
        responses={200: dict},
    )
    @conditional.tagged
    def export(self, request: Request, person: str) -> Response:
        for scope in ("users:read", "orders:read", "payments:read", "notifications:read"):
            demand(request, scope)
        user = found(request, person)
        headers = {"Content-Disposition": 'attachment; filename="export.json"', "Cache-Control": "no-store"}
        return Response(exporting.held_about(user.pk), headers=headers)


def found(
    request: Request, person: str, among: QuerySet[User] | None = None, *, permission: str = "users.view_user"
) -> User:
    """The person meant, if the caller may see them: themselves, or for staff anybody not erased.

    Raises `Http404`, and `Problem` where no role of the caller's allows this.
    """
    users = (User.objects.all() if among is None else among).filter(erased_at=None)
    caller = cast("User", request.user)
    if not staff_may(request, "users.view_user"):
        users = users.filter(pk=caller.pk)
    user: User = get_object_or_404(users, pk=caller.pk if person == ME else person)
    if user.pk != caller.pk:
        demand_permission(request, permission)
    return user
