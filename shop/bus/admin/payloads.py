"""Putting a payload right without seeing what is hidden in it."""

import json
from typing import Any

from django import forms
from django.forms.fields import InvalidJSONInput
from unfold.widgets import UnfoldAdminTextareaWidget

from shop.admin.asking import ReasonForm
from shop.bus.models import DeadLetter
from shop.bus.redaction import hides, redacted, restored


class JsonField(forms.JSONField):
    """Over several lines, and nested as deep as Python reads it, but no deeper."""

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, InvalidJSONInput) else json.dumps(value, indent=2, ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise forms.ValidationError("This is nested too deep.", code="too_deep") from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except RecursionError:
            return InvalidJSONInput(data)


class PayloadForm(ReasonForm):
    """A payload to put right. What is hidden stays as it is where it is left as it is."""

    payload = JsonField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 16, "spellcheck": "false"}),
        help_text="What is (hidden) stays what it is where you leave it.",
    )
    field_order = ("payload", "reason")

    def __init__(self, *args: Any, letter: DeadLetter, **options: Any) -> None:
        self.told = (letter.event or {}).get("data", {})
        super().__init__(*args, **options | {"initial": {"payload": redacted(self.told)}})
        self.fields["payload"].widget.attrs["style"] = "font-family: ui-monospace, monospace"

    def clean_payload(self) -> dict[str, Any]:
        data = restored(self.cleaned_data["payload"], self.told)
        if not isinstance(data, dict):
            raise forms.ValidationError("A payload is an object.", code="no_object")
        if hides(data):
            raise forms.ValidationError("Something hidden stands where nothing was hidden.", code="moved")
        if "\\u0000" in json.dumps(data):
            raise forms.ValidationError("A text holds a sign that no text can hold.", code="nul")
        return data
