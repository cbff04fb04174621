"""Looking whether a customer has acted: who comes back from the bank says so, and who does not is looked after."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from payments.models import Attempt, Operation, Payment, Status
from shop.states import bulk_save


class NothingToDo(RuntimeError):
    """This payment does not wait for its customer."""

    def __init__(self, payment: Payment) -> None:
        super().__init__(NothingToDo.__doc__)
        self.payment = payment


@transaction.atomic(savepoint=False)
def look(*, payment_id: UUID) -> Payment:
    """The customer says to have acted: have the gateway say how it stands. One look at a time.

    Raises `NothingToDo`.
    """
    payment = Payment.objects.locked().get(pk=payment_id)
    if payment.status != Status.ACTION_REQUIRED:
        raise NothingToDo(payment)
    _look([payment])
    return payment


@transaction.atomic(savepoint=False)
def look_again(*, payment_ids: Iterable[UUID]) -> None:
    """Look after these customers, as far as they are still to act."""
    _look(list(Payment.objects.locked().filter(pk__in=list(payment_ids), status=Status.ACTION_REQUIRED)))


def _look(payments: Iterable[Payment]) -> None:
    idle = [payment for payment in payments if not payment.busy]
    looks = [
        Attempt(payment=payment, operation=Operation.LOOK, key=f"{payment.order_id}:look:{_looks_at(payment) + 1}")
        for payment in idle
    ]
    for payment in idle:
        payment.busy = True
    bulk_save(idle)
    bulk_save(looks)


def _looks_at(payment: Payment) -> int:
    return payment.attempts.filter(operation=Operation.LOOK).count()
