"""Taking goods back, which their customer announced or nobody did; see `shop.admin.deeds`."""

from typing import Any

from django import forms

from orders import services
from orders.admin.deeds import OrderDeed, pieces_of, require_some
from orders.models import Return, ReturnStatus
from orders.services import ReturnedPieces
from shop.admin import fields
from shop.money import Money
from shop.users.models import User


class TakeBack(OrderDeed):
    title = "Take back"
    button = "It is here"
    action = "order.returned"
    refusals = (services.NotReturnable, services.RefundTooHigh, services.NotOpen)

    refund = forms.CharField(required=False)  # which becomes an amount of the order's currency
    reason = fields.Reason()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.announced = self._announced()
        coming = {each.line_id: each.quantity for each in self.announced.lines.all()} if self.announced else {}
        self.lines = {f"pieces_{line.pk}": line for line in self.row.lines.all() if line.returnable}
        for name, line in self.lines.items():
            self.fields[name] = pieces_of(line, most=line.returnable, initial=coming.get(line.pk, 0))
            self.fields[f"restock_{name}"] = fields.Tick(label="can be sold again", initial=True)
        self.fields["refund"] = fields.Amount(
            currency=self.row.currency,
            least=0,
            most=sum(line.returnable * line.unit_price for line in self.lines.values()),
            label=f"Refund in {self.row.currency}",
            required=False,
            help_text="What was paid for these pieces, unless you say less.",
        )
        self.order_fields([part for name in self.lines for part in (name, f"restock_{name}")])

    def is_possible(self) -> bool:
        return bool(self.lines)

    def told(self) -> str:
        said = "What can be sold again is laid back on the shelf, and the money is given back."
        return f"{said} The customer has announced what comes." if self.announced else said

    def clean(self) -> dict[str, Any]:
        return require_some(self.cleaned_data, self.lines, "Which pieces are here?")

    def do(self, by: User) -> str:
        told = self.cleaned_data
        pieces = [
            ReturnedPieces(sku=line.sku, quantity=told[name], restock=told[f"restock_{name}"])
            for name, line in self.lines.items()
            if told.get(name)
        ]
        back = self._received(pieces, told["reason"], told["refund"])
        number, money = sum(each.quantity for each in pieces), Money(back.refund, self.row.currency)
        return f"{number} pieces are back; {money} go back."

    def explain(self, refusal: Exception) -> str:
        if isinstance(refusal, services.RefundTooHigh):
            return f"For these pieces {Money(refusal.worth, self.row.currency)} were paid."
        return "More pieces than have left and not come back."

    def _announced(self) -> Return | None:
        return next((each for each in self.row.returns.all() if each.status == ReturnStatus.REQUESTED), None)

    def _received(self, pieces: list[ReturnedPieces], reason: str, refund: int | None) -> Return:
        """The order is locked, so that what is announced now is still so when the service looks."""
        announced = self._announced()
        if announced:
            return services.receive_return(order_id=self.row.pk, return_id=announced.pk, pieces=pieces, refund=refund)
        return services.take_back(order_id=self.row.pk, pieces=pieces, reason=reason, refund=refund)
