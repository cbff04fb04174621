"""What notifications does when others speak: it writes to the customer."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from notifications import services
from notifications.channels import email
from notifications.services import Draft, Letter
from orders.events import (
    Line,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderPlaced,
    OrderShipped,
    ShippedLine,
)
from payments.events import PaymentCaptured, PaymentRefunded
from shop.bus import Answer, Event, Outside, subscribe
from shop.users.events import AccountMailWritten, UserErased, UserRegistered

_ACCOUNT_MAIL_KEPT = timedelta(hours=1)  # the codes in such mails are good for a quarter of that

E = TypeVar("E", bound=Event)


class Mail(Outside[E, Letter, None]):
    """A mail because of an event. Subclasses say in `draft` what is written to whom."""

    dependency = "mail server"

    def draft(self, event: E) -> Draft:
        raise NotImplementedError

    def prepare(self, events: Sequence[E]) -> Sequence[Letter | None]:
        return services.write_messages(drafts=[self.draft(event) for event in events])

    def call(self, intent: Letter) -> None:
        _post(intent)

    def settle(self, answers: Sequence[Answer[E, Letter, None]]) -> None:
        services.note_sent(message_ids=[answer.intent.message_id for answer in answers])


@subscribe(AccountMailWritten, outside=True)
class SendAccountMail(Outside[AccountMailWritten, Letter, None]):
    """A mail that accounts have written; it may carry a code, so nothing of it is kept here."""

    dependency = "mail server"

    def prepare(self, events: Sequence[AccountMailWritten]) -> Sequence[Letter | None]:
        return services.account_letters(mail_ids=[event.mail_id for event in events])

    def call(self, intent: Letter) -> None:
        _post(intent)

    def settle(self, answers: Sequence[Answer[AccountMailWritten, Letter, None]]) -> None:
        services.close_account_mails(mail_ids=[answer.intent.message_id for answer in answers])


@subscribe(AccountMailWritten, many=True, after=_ACCOUNT_MAIL_KEPT)
def drop_late_account_mails(events: Sequence[AccountMailWritten]) -> None:
    services.close_account_mails(mail_ids=[event.mail_id for event in events])


@subscribe(UserErased, many=True)
def forget_person(events: Sequence[UserErased]) -> None:
    services.forget(user_ids=[event.user_id for event in events])


@subscribe(UserErased, many=True, after=_ACCOUNT_MAIL_KEPT)
def forget_what_was_on_its_way(events: Sequence[UserErased]) -> None:
    """A message that was being written or sent just then may have been missed."""
    services.forget(user_ids=[event.user_id for event in events])


@subscribe(UserRegistered, outside=True)
class SendWelcome(Mail[UserRegistered]):
    """Says no name: whoever signed up chose it, and the address may be another's."""

    def draft(self, event: UserRegistered) -> Draft:
        return Draft(
            event_id=event.event_id,
            recipient_id=event.user_id,
            subject="Welcome to Shop",
            body="Your account has been made. If that was not you, ignore this mail: without the code that we have"
            " sent to you beside it, nobody can use the account.",
        )


@subscribe(OrderPlaced, outside=True)
class SendOrderReceived(Mail[OrderPlaced]):
    def draft(self, event: OrderPlaced) -> Draft:
        return Draft(
            event_id=event.event_id,
            recipient_id=event.customer_id,
            subject=f"We have received your order {event.number}",
            body=_received(event),
        )


@subscribe(OrderConfirmed, outside=True)
class SendOrderConfirmed(Mail[OrderConfirmed]):
    def draft(self, event: OrderConfirmed) -> Draft:
        return Draft(
            event_id=event.event_id,
            recipient_id=event.customer_id,
            subject=f"Your order {event.number} is confirmed",
            body=f"Everything is in stock and reserved for you. We take {event.total} now.",
        )


@subscribe(PaymentCaptured, outside=True)
class SendReceipt(Mail[PaymentCaptured]):
    def draft(self, event: PaymentCaptured) -> Draft:
        return Draft(
            event_id=event.event_id,
            recipient_id=event.customer_id,
            subject=f"Receipt for your order {event.order_number}",
            body=f"We have received {event.amount}. Thank you.",
        )


@subscribe(OrderCancelled, outside=True)
class SendOrderCancelled(Mail[OrderCancelled]):
    def draft(self, event: OrderCancelled) -> Draft:
        return Draft(
            event_id=event.event_id,
            recipient_id=event.customer_id,
            subject=f"Your order {event.number} is cancelled",
            body=f"{_WHY.get(event.reason, _WHY_ELSE)} You pay nothing; what was held or taken goes back to you.",
        )


@subscribe(PaymentRefunded, outside=True)
class SendRefunded(Mail[PaymentRefunded]):
    def draft(self, event: PaymentRefunded) -> Draft:
        return Draft(
            event_id=event.event_id,
            recipient_id=event.customer_id,
            subject=f"Refund for your order {event.order_number}",
            body=f"We have given back {event.amount}.",
        )


@subscribe(OrderShipped, outside=True)
class SendOrderShipped(Mail[OrderShipped]):
    def draft(self, event: OrderShipped) -> Draft:
        what = "Your order" if event.complete else "A part of your order"
        return Draft(
            event_id=event.event_id,
            recipient_id=event.customer_id,
            subject=f"{what} {event.number} is on its way",
            body=_shipped(event),
        )


@subscribe(OrderDelivered, outside=True)
class SendOrderDelivered(Mail[OrderDelivered]):
    def draft(self, event: OrderDelivered) -> Draft:
        what = "Your order" if event.complete else "A part of your order"
        return Draft(
            event_id=event.event_id,
            recipient_id=event.customer_id,
            subject=f"{what} {event.number} has arrived",
            body=f"It was delivered:\n\n{_listed(event.lines)}\n\nWe hope you like it.",
        )


_WHY = {
    "customer_request": "It was cancelled as you asked.",
    "out_of_stock": "We are sorry: something you ordered is sold out.",
    "payment_declined": "Your payment was declined.",
    "payment_timeout": "Your payment did not arrive in time.",
}
_WHY_ELSE = "We are sorry: we could not complete it."


def _post(letter: Letter) -> None:
    email.send(message_id=letter.message_id, address=letter.address, subject=letter.subject, body=letter.body)


def _received(event: OrderPlaced) -> str:
    lines = _listed(event.lines)
    return f"Thank you! You ordered:\n\n{lines}\n\nIn all: {event.total}. We write again when it is confirmed."


def _shipped(event: OrderShipped) -> str:
    by = f"{event.carrier} {event.tracking_number}".strip()
    follow = f"\n\nFollow it at {event.tracking_url}" if event.tracking_url else ""
    more = "" if event.complete else "\n\nThe rest follows."
    return f"It has left with {by}:\n\n{_listed(event.lines)}{follow}{more}"


def _listed(lines: Sequence[Line | ShippedLine]) -> str:
    return "\n".join(f"{line.quantity} x {line.name}" for line in lines)
