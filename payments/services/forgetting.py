"""Forgetting erased customers: the books stay."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from payments.models import Payment, Refund, Status
from shop.states import bulk_save

_FORGOTTEN = "Forgotten with the customer."


@transaction.atomic(savepoint=False)
def forget(*, customer_ids: Sequence[UUID]) -> None:
    """Forget what erased customers paid with, once nothing will be asked of the gateway with it any more.

    What staff wrote of them when they gave money back is forgotten too; that they did is kept.
    """
    payments = list(Payment.objects.locked().filter(customer_id__in=customer_ids).exclude(status=Status.PENDING))
    for payment in payments:
        payment.method = ""
    refunds = list(Refund.objects.locked().filter(payment__in=payments, requested_by__isnull=False))
    for refund in refunds:
        refund.reason = _FORGOTTEN
    bulk_save(payments)
    bulk_save(refunds)
