"""Who may ask beside whoever is signed in: guests, who carry a token for their order."""

from rest_framework.request import Request

from shop.api.permissions import Scoped
from shop.users.guests import GuestGrant


class OrGuest(Scoped):
    """Also whoever holds the token of a guest's order, within its scopes."""

    def knows(self, request: Request) -> bool:
        return isinstance(request.auth, GuestGrant) or super().knows(request)


def is_staff(request: Request) -> bool:
    return bool(getattr(request.user, "is_staff", False))


def staff_may(request: Request, permission: str) -> bool:
    """Whether the caller is of the staff, and a role of theirs has this permission."""
    return is_staff(request) and request.user.has_perm(permission)
