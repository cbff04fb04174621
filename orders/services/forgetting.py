"""Forgetting erased customers: books stay, and open orders keep what delivery needs until they end."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from orders.models import ENDED, Order
from shop.states import bulk_save
from shop.users.models import User


@transaction.atomic(savepoint=False)
def forget(*, customer_ids: Sequence[UUID]) -> None:
    """Forget these customers in all their orders that have ended."""
    orders = list(Order.objects.locked().filter(customer__in=customer_ids, status__in=ENDED))
    for order in orders:
        order.forget_person()
    bulk_save(orders)


def forget_erased(orders: Sequence[Order]) -> None:
    """Who was erased while their order was open is forgotten with its end; call it before saving such orders."""
    ended = [order for order in orders if order.has_ended]
    if not ended:
        return
    customers = {order.customer_id for order in ended}
    erased = set(User.objects.filter(pk__in=customers, erased_at__isnull=False).values_list("pk", flat=True))
    for order in ended:
        if order.customer_id in erased:
            order.forget_person()
