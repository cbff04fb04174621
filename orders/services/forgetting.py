"""Forgetting erased customers and guests: books stay, and open orders keep what delivery needs until they end."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from orders.models import Order, Return
from shop.api import idempotency
from shop.states import bulk_save
from shop.users.models import Guest, User


@transaction.atomic(savepoint=False)
def forget(*, customer_ids: Sequence[UUID]) -> None:
    """Forget these customers or guests in all their orders that have ended, and what guests were answered."""
    orders = list(Order.objects.locked().filter(Q(customer__in=customer_ids) | Q(guest__in=customer_ids)))
    idempotency.forget_guests(order_ids=[order.pk for order in orders if order.guest_id])
    ended = [order for order in orders if order.has_ended]
    for order in ended:
        order.forget_person()
    bulk_save(ended)
    _forget_what_they_said(ended)


def forget_erased(orders: Sequence[Order]) -> None:
    """Who was erased while their order was open is forgotten with its end; call it before saving such orders."""
    ended = [order for order in orders if order.has_ended]
    if not ended:
        return
    buyers = {order.buyer_id for order in ended}
    users, guests = (
        model._default_manager.filter(pk__in=buyers, erased_at__isnull=False).values_list("pk", flat=True)  # noqa: SLF001 - Django's name for any model's manager
        for model in (User, Guest)
    )
    erased = set(users.union(guests, all=True))
    forgotten = [order for order in ended if order.buyer_id in erased]
    for order in forgotten:
        order.forget_person()
    _forget_what_they_said(forgotten)


def _forget_what_they_said(orders: Sequence[Order]) -> None:
    returns = list(Return.objects.locked().filter(order__in=orders).exclude(reason=""))
    for returned in returns:
        returned.reason = ""
    bulk_save(returns)
