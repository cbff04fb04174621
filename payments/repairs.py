"""What the doctor may mend of payments. Money moves through the gateway only, under the key that it was wished with."""

from uuid import UUID

from payments import services
from payments.models import SETTLED, Attempt, Payment
from shop.bus import deliver_again
from shop.bus.reading import Logged
from shop.doctor import Mended, NotSafe, Repair, Row

_OPENED = "payment.attempt_opened"


def _ask_again(row: Row) -> Mended | None:
    payment = Payment.objects.locked().get(order_id=row["order_id"])
    attempt = payment.attempts.exclude(outcome__in=SETTLED).first()
    if not payment.busy:
        return None
    if attempt is None:
        return _go_on(row)
    opened = Logged.objects.filter(
        partition_key=str(payment.order_id), type=_OPENED, data__attempt_id=str(attempt.pk)
    ).first()
    if opened is None:
        raise NotSafe(f"the log has lost what opened it: ask the gateway for {attempt.key}, and settle it by hand")
    if not deliver_again(opened.pk, "payments.ask_gateway"):
        return None
    told = _told(payment, attempt)
    return Mended(subject=f"payments/{payment.pk}", before=told, after=told | {"asked": "again"})


def _go_on(row: Row) -> Mended | None:
    before = Payment.objects.locked().get(order_id=row["order_id"])
    return _mended(before, services.go_on(payment_id=before.pk))


def _take(row: Row) -> Mended | None:
    return _wish(row["order_id"], take=True)


def _give_back(row: Row) -> Mended | None:
    return _wish(row["order_id"], take=False)


def _wish(order_id: UUID, *, take: bool) -> Mended | None:
    before = Payment.objects.locked().get(order_id=order_id)
    if take:
        services.take(order_ids=[order_id])
    else:
        services.give_back(order_ids=[order_id])
    after = services.go_on(payment_id=before.pk)
    return _mended(before, after)


def _mended(before: Payment, after: Payment) -> Mended | None:
    if before.version == after.version:
        return None
    attempt = after.attempts.exclude(outcome__in=SETTLED).first()
    return Mended(subject=f"payments/{before.pk}", before=_told(before), after=_told(after, attempt))


def _told(payment: Payment, attempt: Attempt | None = None) -> dict[str, str | bool]:
    told: dict[str, str | bool] = {"status": payment.status, "wish": payment.wish, "busy": payment.busy}
    return told | ({"attempt": attempt.key} if attempt else {})


ASK_AGAIN = Repair(
    deed="The gateway is asked again under the same key; nobody waits where nothing was asked.",
    action="payment.asked_again",
    mend=_ask_again,
)
GO_ON = Repair(
    deed="The gateway is asked for what comes next, under its own key.", action="payment.moved_on", mend=_go_on
)
TAKE = Repair(deed="The money is wished for, and taken.", action="payment.moved_on", mend=_take)
GIVE_BACK = Repair(
    deed="The money is set free, or given back as far as it is kept.", action="payment.moved_on", mend=_give_back
)
