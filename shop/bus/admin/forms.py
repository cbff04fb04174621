"""What is asked for on the pages of the log."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from shop.bus.event import events
from shop.bus.handlers import handlers
from shop.bus.reading.log import Sought
from shop.bus.wanted import BadReplay, Wanted


def _types() -> list[tuple[str, str]]:
    return [("", "any"), *((name, name) for name in sorted({name for name, _ in events}))]


def _handlers() -> list[tuple[str, str]]:
    return [("", "all"), *((name, name) for name in sorted(handlers))]


def _word(label: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=200, widget=UnfoldAdminTextInputWidget)


def _moment(label: str) -> forms.DateTimeField:
    widget = UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-12-24 18:00"})
    return forms.DateTimeField(label=label, required=False, widget=widget)


class SoughtForm(forms.Form):
    """What to look for in the log; times are UTC."""

    type = forms.ChoiceField(choices=_types, required=False, widget=UnfoldAdminSelectWidget)
    key = _word("Order's id, or SKU")
    subject = _word("Subject")
    correlation = _word("Correlation id")
    since = _moment("From (UTC)")
    until = _moment("Until (UTC)")

    def sought(self) -> Sought:
        """What is valid of it."""
        return Sought(**{name: value for name, value in self.cleaned_data.items() if value})


class WantedForm(forms.Form):
    """What to replay, and for whom."""

    type = forms.ChoiceField(choices=_types, required=False, widget=UnfoldAdminSelectWidget)
    key = _word("Order's id, or SKU")
    event = forms.UUIDField(label="Event's id", required=False, widget=UnfoldAdminTextInputWidget)
    handler = forms.ChoiceField(choices=_handlers, required=False, widget=UnfoldAdminSelectWidget)
    since = _moment("From (UTC)")
    until = _moment("Until (UTC)")
    missing = forms.BooleanField(
        label="The whole log, for a handler that was added later", required=False, widget=UnfoldBooleanWidget
    )
    again = forms.BooleanField(
        label="What is done, too (repeatable handlers only)", required=False, widget=UnfoldBooleanWidget
    )

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            told = {name: value for name, value in self.cleaned_data.items() if value and name != "handler"}
            handler = self.cleaned_data["handler"]
            try:
                self.cleaned_data["wanted"] = Wanted(handlers=[handler] if handler else [], **told)
            except BadReplay as error:
                raise forms.ValidationError(str(error), code="bad_replay") from error
        return self.cleaned_data

    def told(self) -> dict[str, str]:
        """What is asked for, as it is kept in the audit and in addresses."""
        return {name: _plain(self.cleaned_data[name]) for name in self.fields if self.cleaned_data.get(name)}


def _plain(value: Any) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else str(value)
