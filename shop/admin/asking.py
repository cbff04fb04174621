"""The page that asks before something is done: what will be done, a form, one button, and a way back."""

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminTextareaWidget


class ReasonForm(forms.Form):
    """Why; the audit keeps it."""

    reason = forms.CharField(
        max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}), help_text="The audit keeps it."
    )


def ask(
    request: HttpRequest,
    admin: "ModelAdmin[Any]",
    form: forms.Form,
    *,
    title: str,
    button: str,
    back: str,
    told: Any = "",  # text or markup
    hidden: list[tuple[str, str]] | None = None,
    is_final: bool = False,
) -> TemplateResponse:
    """Ask with a form, or ask again where the form has errors, with status 200 as all of the admin's forms.

    `told` says what will be done, `hidden` is posted along, and `back` is where one goes instead. A button that cannot
    be taken back is red.
    """
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": title,
        "form": form,
        "told": told,
        "button": button,
        "back": back,
        "hidden": hidden or [],
        "variant": "danger" if is_final else "primary",
    }
    return TemplateResponse(request, "admin/ask.html", context)
