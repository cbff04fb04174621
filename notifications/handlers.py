"""What notifications does when others speak: it writes to the customer."""

from collections.abc import Sequence
from typing import TypeVar

from notifications import services
from notifications.channels import email
from notifications.services import Draft, Letter
from orders.events import OrderCancelled, OrderConfirmed, OrderPlaced
from payments.events import PaymentCaptured, PaymentRefunded
from shop.bus import Answer, Event, Outside, subscribe

E = TypeVar("E", bound=Event)


class Mail(Outside[E, Letter, None]):
    """A mail because of an event. Subclasses say in `draft` what is written to whom."""

    dependency = "mail server"

    def draft(self, event: E) -> Draft:
        raise NotImplementedError

    def prepare(self, events: Sequence[E]) -> Sequence[Letter | None]:
        return services.write_messages(drafts=[self.draft(event) for event in events])

    def call(self, intent: Letter) -> None:
        email.send(message_id=intent.message_id, address=intent.address, subject=intent.subject, body=intent.body)

    def settle(self, answers: Sequence[Answer[E, Letter, None]]) -> None:
        services.note_sent(message_ids=[answer.intent.message_id for answer in answers])


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


_WHY = {
    "out_of_stock": "We are sorry: something you ordered is sold out.",
    "payment_declined": "Your payment was declined.",
    "payment_timeout": "Your payment did not arrive in time.",
}
_WHY_ELSE = "We are sorry: we could not complete it."


def _received(event: OrderPlaced) -> str:
    lines = "\n".join(f"{line.quantity} x {line.name}" for line in event.lines)
    return f"Thank you! You ordered:\n\n{lines}\n\nIn all: {event.total}. We write again when it is confirmed."
