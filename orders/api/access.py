"""Whose orders a caller may see, and who may ask without an account."""

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from orders.models import Order
from shop.api.permissions import Anyone, Scoped, demand_permission
from shop.users.guests import GuestGrant
from shop.users.permissions import OrGuest, staff_may


class OrStranger(Scoped, Anyone):
    """Whoever is signed in within their scopes, and whoever shows nothing at all: they order as a guest."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return is_stranger(request) or super().has_permission(request, view)


def is_stranger(request: Request) -> bool:
    """Whoever shows something that nobody understands is no stranger, and is told so."""
    return not request.user.is_authenticated and "Authorization" not in request.headers


def visible_orders(request: Request) -> QuerySet[Order]:
    """What is the caller's; staff see everything. What is not among these is not found."""
    orders = Order.objects.select_related("guest")
    if staff_may(request, "orders.view_order"):
        return orders
    if isinstance(request.auth, GuestGrant):
        since = timezone.now() - settings.GUEST_ACCESS
        known = orders.filter(guest__isnull=False, guest__erased_at=None)
        return known.filter(pk=request.auth.order_id, placed_at__gt=since)
    return orders.filter(customer=request.user.pk) if request.user.is_authenticated else orders.none()


def require_right(request: Request, order: Order, permission: str) -> None:
    """Who acts on an order that is not theirs is of the staff, and a role of theirs allows it. Raises `Problem`."""
    is_theirs = isinstance(request.auth, GuestGrant) or order.customer_id == request.user.pk
    if not is_theirs:
        demand_permission(request, permission)


class OrderView(GenericViewSet[Order]):
    """Base of views of an order and of what belongs to it: `get_object` is the order, if the caller may see it."""

    permission_classes = [OrGuest]

    def get_queryset(self) -> QuerySet[Order]:
        return visible_orders(self.request)
