"""Whose orders a caller may see."""

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from orders.models import Order


def is_staff(request: Request) -> bool:
    return bool(getattr(request.user, "is_staff", False))


def visible_orders(request: Request) -> QuerySet[Order]:
    """What is the caller's; staff see everything. What is not among these is not found."""
    orders = Order.objects.all()
    return orders if is_staff(request) else orders.filter(customer_id=request.user.pk)


class OrderView(GenericViewSet[Order]):
    """Base of views of an order and of what belongs to it: `get_object` is the order, if the caller may see it."""

    def get_queryset(self) -> QuerySet[Order]:
        return visible_orders(self.request)
