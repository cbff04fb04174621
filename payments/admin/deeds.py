"""What staff do with a payment, on a page that asks first; see `shop.admin.deeds`."""

from typing import Any
from uuid import UUID

from django import forms

from payments import services
from payments.models import Payment
from shop.admin import fields
from shop.admin.deeds import Deed
from shop.money import Money
from shop.users.models import User


class Refund(Deed):
    """All that is left, or a part of it."""

    row: Payment
    subject = "payments"
    title = "Refund"
    button = "Give it back"
    action = "payment.refund_requested"
    is_final = True
    refusals = (services.NotRefundable,)

    amount = forms.CharField()  # which becomes an amount of the payment's currency
    reason = fields.Reason(help_text="Kept with the refund.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.most = Money(services.refundable(self.row), self.row.currency)
        self.fields["amount"] = fields.Amount(
            currency=self.most.currency,
            most=self.most.amount,
            label=f"Amount in {self.most.currency}",
            initial=self.most.decimal,
            help_text=f"{self.most} at most",
        )
        self.order_fields(["amount"])

    def standing(self) -> str:
        """A refund that waits behind another call leaves the row as it is; less can be refunded from then on."""
        return f"{super().standing()}/{services.refundable(self.row)}"

    def is_possible(self) -> bool:
        return self.most.amount > 0

    def told(self) -> str:
        return "The gateway is asked to give it back; that takes a moment, and cannot be taken back."

    def noted(self) -> dict[str, Any]:
        payment, left = self.row, services.refundable(self.row)
        return {"status": payment.status, "refundable": str(Money(left, payment.currency))}

    def person(self) -> UUID | None:
        return self.row.customer_id

    def do(self, by: User) -> str:
        told = self.cleaned_data
        made = services.refund(payment_id=self.row.pk, amount=told["amount"], reason=told["reason"], by=by)
        return f"{made.money} go back."

    def explain(self, refusal: Exception) -> str:
        left = refusal.refundable if isinstance(refusal, services.NotRefundable) else 0
        return f"No more than {Money(left, self.row.currency)} can be given back."
