"""Taking goods back: a customer announces what comes, staff say what has come and what is given back for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from orders.models import Order, OrderLine, Return, ReturnLine, ReturnStatus
from orders.services.placing import NewLine
from orders.services.shipping import NotOrdered


class ReturnedPieces(msgspec.Struct, frozen=True, kw_only=True):
    """What has come back of one SKU; with `restock` it can be sold again."""

    sku: str
    quantity: int
    restock: bool = True


class NotReturnable(RuntimeError):
    """More pieces than have left and not come back; `returnable` says how many those are, SKU by SKU."""

    def __init__(self, returnable: Mapping[str, int]) -> None:
        super().__init__(NotReturnable.__doc__)
        self.returnable = returnable


class TooLate(RuntimeError):
    """The time to return this order is over; `until` says when it was."""

    def __init__(self, until: datetime) -> None:
        super().__init__(TooLate.__doc__)
        self.until = until


class ReturnOpen(RuntimeError):
    """A return of this order is announced already."""

    def __init__(self, returned: Return) -> None:
        super().__init__(ReturnOpen.__doc__)
        self.returned = returned


class NotOpen(RuntimeError):
    """This return has come already, or was withdrawn."""

    def __init__(self, returned: Return) -> None:
        super().__init__(NotOpen.__doc__)
        self.returned = returned


class RefundTooHigh(ValueError):
    """No more is given back than was paid for these pieces; `worth` says how much that was, in minor units."""

    def __init__(self, worth: int) -> None:
        super().__init__(RefundTooHigh.__doc__)
        self.worth = worth


@transaction.atomic(savepoint=False)
def request_return(*, order_id: UUID, lines: Sequence[NewLine], reason: str = "", in_time: bool = True) -> Return:
    """Note what a customer sends back; nothing is given back before it is here. `in_time` keeps to the time for that.

    Raises `NotOrdered`, `NotReturnable`, `TooLate` and `ReturnOpen`.
    """
    order = _locked(order_id)
    if in_time:
        _require_in_time(order)
    if known := order.returns.filter(status=ReturnStatus.REQUESTED).first():
        raise ReturnOpen(known)
    wanted = [ReturnedPieces(sku=line.sku, quantity=line.quantity) for line in lines]
    coming = _coming_back(order, wanted)
    returned = Return(order=order, reason=reason)
    returned.save()
    _write_lines(returned, coming)
    return returned


@transaction.atomic(savepoint=False)
def withdraw_return(*, order_id: UUID, return_id: UUID) -> Return:
    """It does not come after all. Raises `NotOpen`."""
    order = _locked(order_id)
    returned = _open(order, return_id)
    returned.status = ReturnStatus.WITHDRAWN
    returned.save()
    return returned


@transaction.atomic(savepoint=False)
def receive_return(
    *, order_id: UUID, return_id: UUID, pieces: Sequence[ReturnedPieces] | None = None, refund: int | None = None
) -> Return:
    """An announced return is here: all of it can be sold again and is given back, unless `pieces` and `refund` differ.

    Raises `NotOpen`, `NotOrdered`, `NotReturnable` and `RefundTooHigh`.
    """
    order = _locked(order_id)
    returned = _open(order, return_id)
    announced = [ReturnedPieces(sku=each.line.sku, quantity=each.quantity) for each in returned.lines.all()]
    _receive(order, returned, announced if pieces is None else pieces, refund)
    return returned


@transaction.atomic(savepoint=False)
def take_back(
    *, order_id: UUID, pieces: Sequence[ReturnedPieces], reason: str = "", refund: int | None = None
) -> Return:
    """Goods are here that nobody announced. What was paid for them is given back, unless `refund` says less.

    Raises `NotOrdered`, `NotReturnable` and `RefundTooHigh`.
    """
    order = _locked(order_id)
    returned = Return(order=order, reason=reason)
    _receive(order, returned, pieces, refund)
    return returned


def _receive(order: Order, returned: Return, pieces: Sequence[ReturnedPieces], refund: int | None) -> None:
    """The return is written after its order and with its lines at hand, so that its news knows both."""
    back = _coming_back(order, pieces)
    worth = sum(line.unit_price * each.quantity for line, each in back.items())
    if refund is not None and refund > worth:
        raise RefundTooHigh(worth)
    for line, each in back.items():
        line.returned += each.quantity
    OrderLine.objects.bulk_update(back, ["returned"])
    order.note_returned()
    order.save()
    returned.status = ReturnStatus.RECEIVED
    returned.received_at = timezone.now()
    returned.refund = worth if refund is None else refund
    _write_lines(returned, back)
    returned.save()


def _write_lines(returned: Return, back: Mapping[OrderLine, ReturnedPieces]) -> None:
    ReturnLine.objects.filter(of=returned).delete()
    returned.remember_lines(
        ReturnLine.objects.bulk_create(
            ReturnLine(of=returned, line=line, quantity=each.quantity, restock=each.restock)
            for line, each in back.items()
        )
    )


def _coming_back(order: Order, pieces: Sequence[ReturnedPieces]) -> dict[OrderLine, ReturnedPieces]:
    lines: dict[str, OrderLine] = {line.sku: line for line in order.lines.all()}
    if unknown := [place for place, each in enumerate(pieces) if each.sku not in lines]:
        raise NotOrdered(unknown)
    if not pieces or any(each.quantity > lines[each.sku].returnable for each in pieces):
        raise NotReturnable({sku: line.returnable for sku, line in lines.items()})
    return {lines[each.sku]: each for each in pieces}


def _require_in_time(order: Order) -> None:
    """The time begins when the last of it has arrived, or else has left."""
    began = order.delivered_at or order.shipped_at
    if began and began + settings.RETURN_TIME < timezone.now():
        raise TooLate(began + settings.RETURN_TIME)


def _open(order: Order, return_id: UUID) -> Return:
    returned: Return = order.returns.locked().prefetch_related("lines__line").get(pk=return_id)
    if returned.status != ReturnStatus.REQUESTED:
        raise NotOpen(returned)
    returned.order = order
    return returned


def _locked(order_id: UUID) -> Order:
    return Order.objects.locked().prefetch_related("lines").get(pk=order_id)
