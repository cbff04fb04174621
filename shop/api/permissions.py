"""Who may do what: a view names the scope that each of its actions needs, and the caller's grant must hold it.

A scope narrows what its owner may do and never widens it: a customer's key with `inventory:write` is still no staff's.
"""

from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request

from shop.api.problems import Problem
from shop.api.scopes import SCOPES

if TYPE_CHECKING:  # DRF's views import these permissions while they are imported themselves
    from rest_framework.views import APIView

_SCOPELESS = {None, "metadata", "options"}  # what is answered with 405


class Anyone(AllowAny):
    """Strangers too."""


class Scoped(BasePermission):
    """Whoever is signed in, within the scopes of their grant. Views declare `required_scopes`, a scope for each action.

    A view that is no viewset declares them by method: `{"get": "orders:read"}`.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not self.knows(request):
            raise NotAuthenticated  # and not 403: whoever holds a grant for something else may still sign in
        if needed := required_scope(view, _action(request, view)):
            demand(request, needed)
        return True

    def knows(self, request: Request) -> bool:
        """Whether this caller may ask at all, within their scopes."""
        return bool(request.user.is_authenticated)


class StaffOnly(Scoped):
    """The shop's staff, within the scopes of their grant and of their roles.

    Views declare `required_permissions`, one of Django's for each action, as they declare scopes.
    """

    code = "staff_only"
    message = "Only the shop's staff may do this."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not (super().has_permission(request, view) and getattr(request.user, "is_staff", False)):
            return False
        action = _action(request, view)
        if action not in _SCOPELESS:
            demand_permission(request, view.required_permissions[str(action)])  # type: ignore[attr-defined]  # ours
        return True


def demand_permission(request: Request, permission: str) -> None:
    """Raise `Problem`, a 403, unless a role of the caller's, who is of the staff, has this permission."""
    if not request.user.has_perm(permission):
        detail = f"This needs a role with the permission {permission}."
        raise Problem(403, "permission_missing", detail, required_permission=permission)


def demand(request: Request, scope: str) -> None:
    """Raise `Problem`, a 403, unless the caller's grant holds this scope."""
    if scope not in scopes_of(request):
        raise Problem(
            403,
            "scope_missing",
            f"This needs a grant with the scope {scope}.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
            required_scope=scope,
        )


def scopes_of(request: Request) -> frozenset[str]:
    """What the caller's grant allows; a session has no limits of its own, so it allows all that its user may do."""
    return frozenset(getattr(request.auth, "scopes", SCOPES))


def required_scope(view: "APIView", action: str | None) -> str | None:
    """The scope that an action of this view needs; None for what every view answers. Forgetting one is an error."""
    if action in _SCOPELESS:
        return None
    declared: dict[str, str] = getattr(view, "required_scopes", {})
    if declared.get(str(action)) not in SCOPES:
        raise ImproperlyConfigured(f"{type(view).__name__}.required_scopes names no known scope for {action}.")
    return declared[str(action)]


def _action(request: Request, view: "APIView") -> str | None:
    """The viewset's action, or the method of a plain view, where HEAD is a GET and unknown methods are no action."""
    method = str(request.method).lower().replace("head", "get")
    plain = method if hasattr(view, method) else None
    action: str | None = getattr(view, "action", plain)
    return action
