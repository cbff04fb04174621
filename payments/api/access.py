"""Whose payments a caller may see."""

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request

from payments.models import Payment, Status
from shop.users.guests import GuestGrant
from shop.users.models import Guest
from shop.users.permissions import staff_may


def visible_payments(request: Request) -> QuerySet[Payment]:
    """What is the caller's; staff see everything, if a role of theirs does. What was never asked for is nobody's."""
    payments = Payment.objects.exclude(status=Status.CLOSED)
    if staff_may(request, "payments.view_payment"):
        return payments
    if isinstance(request.auth, GuestGrant):
        since = timezone.now() - settings.GUEST_ACCESS
        known = Guest.objects.filter(erased_at=None, created_at__gt=since).values("pk")
        return payments.filter(order_id=request.auth.order_id, customer_id__in=known)
    return payments.filter(customer_id=request.user.pk) if request.user.is_authenticated else payments.none()
