"""What notifications does when others speak: it writes to the customer, and tells staff what needs them."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, TypeVar
from uuid import UUID

import msgspec

from inventory.events import StockLow
from notifications import services
from notifications.channels import email
from notifications.events import AlertOpened, NotificationRequested
from notifications.models import Kind
from notifications.services import Draft, Letter
from orders.events import OrderCancelled, OrderConfirmed, OrderDelivered, OrderPlaced, OrderReturned, OrderShipped
from payments.events import PaymentActionRequired, PaymentCaptured, PaymentRefunded
from shop.bus import Answer, DeadLetterOpened, Event, Outside, subscribe
from shop.users.events import AccountMailWritten, UserErased, UserRegistered

log = logging.getLogger(__name__)

_ACCOUNT_MAIL_KEPT = timedelta(hours=1)  # the codes in such mails are good for a quarter of that
_GATHERED_FOR = timedelta(minutes=10)  # how long alerts wait for more of their kind

_NOT_SAID = {"customer_id", "payment_method"}  # what no mail says is not kept with it

E = TypeVar("E", bound=Event)


class Post(Outside[E, Letter, str]):
    """A mail because of an event. The outcome is why it was refused for good, or nothing."""

    dependency = "mail server"

    def call(self, intent: Letter) -> str:
        try:
            email.send(
                reference=intent.reference,
                address=intent.address,
                subject=intent.subject,
                body=intent.body,
                html=intent.html,
            )
        except email.Refused as refusal:
            return str(refusal)
        return ""

    def settle(self, answers: Sequence[Answer[E, Letter, str]]) -> None:
        services.note_outcomes(refusals={answer.intent.message_id: answer.outcome for answer in answers})


class Mail(Post[E]):
    """A mail to the customer. Subclasses say in `kind` what it is about; its words know what the event carries."""

    kind: ClassVar[Kind]

    def prepare(self, events: Sequence[E]) -> Sequence[Letter | None]:
        return services.write_messages(drafts=[self.draft(event) for event in events])

    def draft(self, event: E) -> Draft:
        told = msgspec.to_builtins(event)
        return Draft(
            event_id=event.event_id,
            recipient_id=UUID(told["customer_id"]),
            order_id=UUID(told["order_id"]),
            kind=self.kind,
            facts={name: value for name, value in told.items() if name not in _NOT_SAID},
        )


# --- To customers -------------------------------------------------------------------------------------------


@subscribe(UserRegistered, outside=True)
class SendWelcome(Mail[UserRegistered]):
    """Says no name: whoever signed up chose it, and the address may be another's."""

    def draft(self, event: UserRegistered) -> Draft:
        return Draft(event_id=event.event_id, recipient_id=event.user_id, kind=Kind.WELCOME, facts={})


@subscribe(OrderPlaced, outside=True)
class SendOrderReceived(Mail[OrderPlaced]):
    kind = Kind.RECEIVED


@subscribe(OrderConfirmed, outside=True)
class SendOrderConfirmed(Mail[OrderConfirmed]):
    kind = Kind.CONFIRMED


@subscribe(PaymentCaptured, outside=True)
class SendReceipt(Mail[PaymentCaptured]):
    kind = Kind.RECEIPT


@subscribe(OrderCancelled, outside=True)
class SendOrderCancelled(Mail[OrderCancelled]):
    kind = Kind.CANCELLED


@subscribe(PaymentRefunded, outside=True)
class SendRefunded(Mail[PaymentRefunded]):
    """The oldest news of this kind does not say how much: it was all."""

    kind = Kind.REFUNDED

    def draft(self, event: PaymentRefunded) -> Draft:
        draft = super().draft(event)
        refunded = draft.facts["refunded"] or draft.facts["amount"]
        return msgspec.structs.replace(draft, facts={**draft.facts, "refunded": refunded})


@subscribe(OrderReturned, outside=True)
class SendReturned(Mail[OrderReturned]):
    kind = Kind.RETURNED


@subscribe(PaymentActionRequired, outside=True)
class SendActionRequired(Mail[PaymentActionRequired]):
    kind = Kind.ACTION_REQUIRED


@subscribe(OrderShipped, outside=True)
class SendOrderShipped(Mail[OrderShipped]):
    kind = Kind.SHIPPED


@subscribe(OrderDelivered, outside=True)
class SendOrderDelivered(Mail[OrderDelivered]):
    kind = Kind.DELIVERED


@subscribe(NotificationRequested, outside=True)
class SendRequested(Post[NotificationRequested]):
    """A message that was asked for by itself: an alert, or one that is sent again."""

    def prepare(self, events: Sequence[NotificationRequested]) -> Sequence[Letter | None]:
        return services.requested_letters(message_ids=[event.message_id for event in events])


# --- Mails of accounts --------------------------------------------------------------------------------------


@subscribe(AccountMailWritten, outside=True)
class SendAccountMail(Post[AccountMailWritten]):
    """A mail that accounts have written; it may carry a code, so nothing of it is kept here."""

    def prepare(self, events: Sequence[AccountMailWritten]) -> Sequence[Letter | None]:
        return services.account_letters(mail_ids=[event.mail_id for event in events])

    def settle(self, answers: Sequence[Answer[AccountMailWritten, Letter, str]]) -> None:
        for answer in answers:
            if answer.outcome:
                log.warning("account mail %s was refused for good: %s", answer.intent.message_id, answer.outcome)
        services.close_account_mails(mail_ids=[answer.intent.message_id for answer in answers])


@subscribe(AccountMailWritten, many=True, after=_ACCOUNT_MAIL_KEPT)
def drop_late_account_mails(events: Sequence[AccountMailWritten]) -> None:
    services.close_account_mails(mail_ids=[event.mail_id for event in events])


# --- To staff -----------------------------------------------------------------------------------------------


@subscribe(StockLow, many=True)
def gather_low_stock(events: Sequence[StockLow]) -> None:
    _gather(Kind.STOCK_LOW, events)


@subscribe(DeadLetterOpened, many=True)
def gather_dead_letters(events: Sequence[DeadLetterOpened]) -> None:
    """All but those of mails that were asked for: an alert that cannot leave would tell of itself for ever."""
    _gather(Kind.DEAD_LETTERS, [event for event in events if event.type != NotificationRequested.name])


@subscribe(AlertOpened, after=_GATHERED_FOR)
def write_alert(event: AlertOpened) -> None:
    services.write_alert(alert_id=event.alert_id, event_id=event.event_id)


def _gather(kind: Kind, events: Sequence[Event]) -> None:
    if events:
        services.gather_alert(kind=kind, happened=[msgspec.to_builtins(event) for event in events])


# --- The forgotten ------------------------------------------------------------------------------------------


@subscribe(UserErased, many=True)
def forget_person(events: Sequence[UserErased]) -> None:
    services.forget(user_ids=[event.user_id for event in events])


@subscribe(UserErased, many=True, after=_ACCOUNT_MAIL_KEPT)
def forget_what_was_on_its_way(events: Sequence[UserErased]) -> None:
    """A message that was being written or sent just then may have been missed."""
    services.forget(user_ids=[event.user_id for event in events])
