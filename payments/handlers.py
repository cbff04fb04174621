"""What payments does when others speak, and how it speaks to the gateway."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings

from orders.events import OrderCancelled, OrderConfirmed, OrderPlaced, OrderReturned
from payments import services
from payments.events import AttemptOpened, PaymentActionRequired
from payments.gateways import Result, gateway
from payments.services import Intent
from shop.bus import Answer, Outside, subscribe
from shop.users.events import UserErased

_SOON = timedelta(minutes=5)  # after which most customers have acted, or will not


@subscribe(OrderPlaced, many=True)
def authorise_payment(events: Sequence[OrderPlaced]) -> None:
    services.open_payments(
        orders=[
            services.NewPayment(
                order_id=event.order_id,
                order_number=event.number,
                customer_id=event.customer_id,
                money=event.total,
                method=event.payment_method,
            )
            for event in events
        ]
    )


@subscribe(OrderConfirmed, many=True)
def take_payment(events: Sequence[OrderConfirmed]) -> None:
    services.take(order_ids=[event.order_id for event in events])


@subscribe(OrderCancelled, many=True)
def give_payment_back(events: Sequence[OrderCancelled]) -> None:
    services.give_back(order_ids=[event.order_id for event in events])


@subscribe(OrderReturned, many=True)
def refund_returned_goods(events: Sequence[OrderReturned]) -> None:
    services.refund_returns(
        returns=[
            services.NewReturn(return_id=event.return_id, order_id=event.order_id, amount=event.refund.amount)
            for event in events
        ]
    )


@subscribe(PaymentActionRequired, many=True, after=_SOON)
def look_after_customer(events: Sequence[PaymentActionRequired]) -> None:
    """Who has acted and did not come back is not forgotten; the gateway's own call would say so at once."""
    services.look_again(payment_ids=[event.payment_id for event in events])


@subscribe(PaymentActionRequired, many=True, after=settings.PAYMENT_ACTION_TIME)
def look_a_last_time(events: Sequence[PaymentActionRequired]) -> None:
    """Soon the order ends, if nobody has acted."""
    services.look_again(payment_ids=[event.payment_id for event in events])


@subscribe(UserErased, many=True)
def forget_person(events: Sequence[UserErased]) -> None:
    services.forget(customer_ids=[event.user_id for event in events])


@subscribe(UserErased, many=True, after=settings.STOCK_HOLD)
def forget_what_was_pending(events: Sequence[UserErased]) -> None:
    """By now no payment waits for its first answer: its order's deadline is long past."""
    services.forget(customer_ids=[event.user_id for event in events])


@subscribe(AttemptOpened, outside=True, repeatable=True)
class AskGateway(Outside[AttemptOpened, Intent, Result]):
    """Has the gateway do what an attempt wants; what may have been sent before is asked for first."""

    dependency = "gateway"

    def prepare(self, events: Sequence[AttemptOpened]) -> Sequence[Intent | None]:
        return services.begin_calls(attempt_ids=[event.attempt_id for event in events])

    def call(self, intent: Intent) -> Result:
        known = gateway().find(intent.request.key) if intent.ask_first else None
        return known or gateway().perform(intent.request)

    def settle(self, answers: Sequence[Answer[AttemptOpened, Intent, Result]]) -> None:
        services.settle_calls(results={answer.intent.attempt_id: answer.outcome for answer in answers})

    def late(self, answer: Answer[AttemptOpened, Intent, Result]) -> None:
        services.keep_late_answer(attempt_id=answer.intent.attempt_id, result=answer.outcome)
