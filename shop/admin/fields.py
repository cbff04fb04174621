"""Fields of the admin's forms, dressed as unfold's own."""

from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from shop.money import Money


class Text(forms.CharField):
    widget = UnfoldAdminTextInputWidget


class Reason(forms.CharField):
    """Why something is done, in words of one's own."""

    def __init__(self, **options: Any) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})
        super().__init__(**{"max_length": 200, "widget": widget, "help_text": "The audit keeps it.", **options})


class Pieces(forms.IntegerField):
    widget = UnfoldAdminIntegerFieldWidget


class Tick(forms.BooleanField):
    widget = UnfoldBooleanWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)


class Choice(forms.ChoiceField):
    widget = UnfoldAdminSelectWidget


class Amount(forms.DecimalField):
    """Money as people write it, `12.50`; cleaned it is minor units, 1250."""

    widget = UnfoldAdminDecimalFieldWidget

    def __init__(self, *, currency: str, most: int, least: int = 1, **options: Any) -> None:
        self.most = Money(most, currency)
        super().__init__(
            min_value=Money(least, currency).decimal,
            max_value=self.most.decimal,
            decimal_places=self.most.exponent,
            max_digits=20,
            **options,
        )

    def clean(self, value: Any) -> Any:
        whole: Decimal | None = super().clean(value)
        return None if whole is None else int(whole.scaleb(self.most.exponent))
