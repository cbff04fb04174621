"""Cancelling an order because somebody asks for it."""

from uuid import UUID

from django.db import transaction

from orders.models import Order, Party, Status
from orders.services.forgetting import forget_erased


class NotCancellable(RuntimeError):
    """This order can no longer be cancelled."""

    def __init__(self, order: Order) -> None:
        super().__init__(NotCancellable.__doc__)
        self.order = order


@transaction.atomic(savepoint=False)
def cancel_on_request(*, order_id: UUID, reason: str, by: Party) -> Order:
    """Cancel an order for its customer or for staff; what is held or taken for it is given back by events.

    Raises `NotCancellable`: it is cancelled already, or has left.
    """
    order = Order.objects.locked().get(pk=order_id)
    if not order.may_become(Status.CANCELLED):
        raise NotCancellable(order)
    order.cancel(reason, by)
    forget_erased([order])
    order.save()
    return order
