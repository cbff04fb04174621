"""People over HTTP: look at an account, change it, take everything along, be erased. `me` is whoever asks."""

from typing import ClassVar, cast

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from shop.api import conditional
from shop.api.permissions import demand
from shop.users import erasing, exporting, services
from shop.users.api.proof import require_password
from shop.users.api.serializers import ErasureSerializer, UserChangesSerializer, UserSerializer
from shop.users.models import User

ME = "me"


class UserViewSet(GenericViewSet[User]):
    queryset = User.objects.all()
    serializer_class = UserSerializer
    required_scopes: ClassVar[dict[str, str]] = {
        "retrieve": "users:read",
        "partial_update": "users:write",
        "destroy": "users:write",
        "export": "users:read",
    }

    @extend_schema(operation_id="users_retrieve", summary="An account")
    def retrieve(self, request: Request, person: str) -> Response:
        user = found(request, person)
        return conditional.shown(request, user, self.get_serializer(user).data)

    @extend_schema(
        operation_id="users_update", summary="Change name, language or wishes", request=UserChangesSerializer
    )
    @transaction.atomic
    def partial_update(self, request: Request, person: str) -> Response:
        wanted = UserChangesSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        user = found(request, person, User.objects.locked())
        conditional.require_match(request, user)
        services.change_user(user=user, **wanted.validated_data)
        return conditional.shown(request, user, self.get_serializer(user).data)

    @extend_schema(
        operation_id="users_erase", summary="Erase an account", request=ErasureSerializer, responses={204: None}
    )
    def destroy(self, request: Request, person: str) -> Response:
        """Needs the caller's own password, where they have one."""
        proof = ErasureSerializer(data=request.data)
        proof.is_valid(raise_exception=True)
        conditional.require_match(request, found(request, person))
        require_password(request, proof.validated_data.get("password", ""))
        with transaction.atomic():
            user = found(request, person, User.objects.locked())
            conditional.require_match(request, user)
            erasing.erase(user=user)
        return Response(status=204)

    @extend_schema(operation_id="users_export", summary="Everything that is held about a person", responses={200: dict})
    def export(self, request: Request, person: str) -> Response:
        """Reads what all domains hold, so a limited grant needs the scopes of all of them."""
        for scope in ("users:read", "orders:read", "payments:read", "notifications:read"):
            demand(request, scope)
        user = found(request, person)
        headers = {"Content-Disposition": 'attachment; filename="export.json"'}
        return Response(exporting.held_about(user.pk), headers=headers)


def found(request: Request, person: str, among: QuerySet[User] | None = None) -> User:
    """The person meant, if the caller may see them: themselves, or for staff anybody not erased. Raises `Http404`."""
    users = (User.objects.all() if among is None else among).filter(erased_at=None)
    caller = cast("User", request.user)
    if not caller.is_staff:
        users = users.filter(pk=caller.pk)
    user: User = get_object_or_404(users, pk=caller.pk if person == ME else person)
    return user
