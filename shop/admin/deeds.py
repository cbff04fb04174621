"""What staff do with a row: a page asks, a service does it, the audit keeps it.

The service decides. What it refuses becomes a message, and so does a row that has changed since the page was shown:
who sends a page twice, or after somebody else was quicker, does nothing.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from unfold.dataclasses import UnfoldAction

from shop import audit
from shop.admin.asking import ask
from shop.admin.long_lists import LongListAdmin
from shop.states import Guarded, Stale
from shop.users.models import User


class DeedsAdmin(LongListAdmin):
    """An admin with a button for each deed that its row allows; `deeds` has them by the names of their pages."""

    actions_detail_hide_default = True  # the audit has the history, with what was before and after
    actions_detail: Any = ()  # unfold's type is that of its default
    deeds: ClassVar[Mapping[str, "type[Deed]"]] = {}

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        row = self.get_object(request, object_id)
        names = {f"{self.opts.app_label}_{self.opts.model_name}_{name}": deed for name, deed in self.deeds.items()}
        allowed = super().get_actions_detail(request, object_id)
        return [each for each in allowed if row and names[each.action_name](row).is_possible()]


class Deed(forms.Form):
    """One thing to do with a guarded row. Subclasses add fields, say what they are about, and call a service."""

    subject: ClassVar[str]
    """Whose history it is part of, such as `orders`."""
    title: ClassVar[str]
    button: ClassVar[str]
    action: ClassVar[str]
    """What the audit calls it, such as `order.cancelled`."""
    is_final: ClassVar[bool] = False
    refusals: ClassVar[tuple[type[Exception], ...]] = ()
    """What the service raises when it will not."""

    seen = forms.CharField(widget=forms.HiddenInput)
    """How the row stood when the page was made."""

    def __init__(self, row: Any, data: Mapping[str, Any] | None = None) -> None:
        self.row = row
        super().__init__(data, initial={"seen": self.standing()})

    def standing(self) -> str:
        """What must not have changed between the page and the deed."""
        return str(self.row.version)

    def is_possible(self) -> bool:
        """Whether the row allows it as it stands; the button is shown only then."""
        return True

    def told(self) -> Any:  # text or markup
        """What will be done, for the page that asks."""
        return ""

    def noted(self) -> dict[str, Any]:
        """What the audit keeps of the row, before and after."""
        raise NotImplementedError

    def person(self) -> UUID | None:
        """Whose personal data what is noted may hold; it goes when they are erased."""
        return None

    def do(self, by: User) -> str:
        """Call the service, and say in a sentence what was done. `row` is locked."""
        raise NotImplementedError

    def explain(self, refusal: Exception) -> str:
        """The service's refusal in a sentence."""
        return str(refusal)


def perform(
    request: HttpRequest, admin: "ModelAdmin[Any]", object_id: str, deed: type[Deed], **more: Any
) -> HttpResponseBase:
    """Ask, or do it where the answer is there, and go back to the row's page. `more` is handed to the deed."""
    row = admin.get_object(request, object_id)
    if row is None:
        raise Http404
    back = reverse(f"{admin.admin_site.name}:{admin.opts.app_label}_{admin.opts.model_name}_change", args=[row.pk])
    form = deed(row, request.POST if request.method == "POST" else None, **more)
    if not form.is_possible():
        admin.message_user(request, f"{deed.title}: as things stand, this cannot be done.", messages.WARNING)
        return HttpResponseRedirect(back)
    if form.is_valid():
        _do(request, admin, form)
        return HttpResponseRedirect(back)
    title = f"{deed.title}: {row}"
    return ask(
        request, admin, form, title=title, button=deed.button, back=back, told=form.told(), is_final=deed.is_final
    )


def _do(request: HttpRequest, admin: "ModelAdmin[Any]", form: Deed) -> None:
    try:
        said = _done(form, cast("User", request.user))
    except Stale:
        told = "Nothing was done: this has changed since the page was shown. See how it stands now."
        admin.message_user(request, told, messages.WARNING)
    except form.refusals as refusal:
        admin.message_user(request, f"Nothing was done. {form.explain(refusal)}", messages.ERROR)
    else:
        admin.message_user(request, said, messages.SUCCESS)


@transaction.atomic
def _done(form: Deed, by: User) -> str:
    rows = cast("type[Guarded]", type(form.row)).objects
    form.row = rows.locked().get(pk=form.row.pk)
    if form.cleaned_data["seen"] != form.standing():
        raise Stale(Stale.__doc__)
    before = form.noted()
    said = form.do(by)
    form.row = rows.get(pk=form.row.pk)
    audit.note(
        by=by,
        action=form.action,
        subject=f"{form.subject}/{form.row.pk}",
        before=before,
        after=form.noted(),
        reason=form.cleaned_data.get("reason", ""),
        person=form.person(),
    )
    return said
