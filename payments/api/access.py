"""Whose payments a caller may see."""

from django.db.models import QuerySet
from rest_framework.request import Request

from payments.models import Payment, Status
from shop.users.guests import GuestGrant
from shop.users.permissions import is_staff


def visible_payments(request: Request) -> QuerySet[Payment]:
    """What is the caller's; staff see everything. What was never asked for is nobody's payment."""
    payments = Payment.objects.exclude(status=Status.CLOSED)
    if is_staff(request):
        return payments
    if isinstance(request.auth, GuestGrant):
        return payments.filter(order_id=request.auth.order_id)
    return payments.filter(customer_id=request.user.pk) if request.user.is_authenticated else payments.none()
