"""Forgetting erased customers: the books stay."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from payments.models import Payment, Status
from shop.states import bulk_save


@transaction.atomic(savepoint=False)
def forget(*, customer_ids: Sequence[UUID]) -> None:
    """Forget what erased customers paid with, once nothing will be asked of the gateway with it any more."""
    payments = list(Payment.objects.locked().filter(customer_id__in=customer_ids).exclude(status=Status.PENDING))
    for payment in payments:
        payment.method = ""
    bulk_save(payments)
