"""Messages in the admin: found by their recipient, looked at as they were sent, and sent again."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString

from notifications import services
from notifications.admin import showing
from notifications.admin.previews import preview_page
from notifications.models import Channel, Message
from shop import audit
from shop.admin.asking import ask
from shop.admin.buttons import button
from shop.admin.filters import DaysFilter
from shop.admin.pages import BoundedPaginator
from shop.admin.records import ReadOnlyAdmin
from shop.users.models import Guest, User

_AT_ONCE = 100  # mails that one action sends again


class ByState(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("sent", "sent"), ("failed", "failed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        lookup = {"sent": {"sent_at__isnull": False}, "failed": {"failed_at__isnull": False}}
        return queryset.filter(**lookup.get(self.value() or "", {}))


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "kind", "title", "to", "channel", "state")
    list_display_links = ("created_at", "kind", "title")
    list_filter = (ByState, "channel", "kind", ("created_at", DaysFilter))
    list_filter_submit = True
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    paginator = BoundedPaginator
    ordering = ("-id",)
    search_fields = ("address",)
    search_help_text = "The recipient's e-mail address, or the id of a message, a person, an order or an event."
    actions = ("send_again",)
    actions_list: Any = ("preview",)  # unfold's type is that of its default
    actions_detail: Any = ("send_one_again",)
    fields = (
        *("id", "kind", "channel", "language", "to", "state", "error", "created_at", "sent_at", "failed_at", "read_at"),
        *("requests", "event_id", "order_id", "recipient_id", "subject", "text", "html"),
    )
    readonly_fields = ("to", "state", "text", "html")

    def has_send_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("notifications.change_message")

    def has_preview_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("notifications.view_message")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whose an address is, is looked up first: so messages are found by an index, old addresses included."""
        term = search_term.replace("\0", "").strip().lower()
        if not term:
            return queryset, False
        try:
            known = UUID(term)
        except ValueError:
            return queryset.filter(recipient_id__in=_people(term)), False
        ids = Q(pk=known) | Q(order_id=known) | Q(recipient_id=known) | Q(event_id=known)
        return queryset.filter(ids), False

    # --- What is shown --------------------------------------------------------------------------------------

    @admin.display(description="subject")
    def title(self, message: Message) -> str:
        return message.subject or "(forgotten)"

    @admin.display(description="to")
    def to(self, message: Message) -> str:
        return message.address or "-"

    @admin.display(description="state")
    def state(self, message: Message) -> SafeString:
        if message.failed_at:
            return showing.label("failed", "danger")
        if message.sent_at:
            return showing.label("read" if message.read_at else "sent", "success")
        return showing.label("on its way", "info")

    @admin.display(description="text")
    def text(self, message: Message) -> SafeString:
        return showing.text(message.body)

    @admin.display(description="as HTML")
    def html(self, message: Message) -> SafeString | str:
        if message.channel != Channel.EMAIL or message.is_forgotten:
            return "-"
        return showing.html(services.Letter.of(message).html)

    # --- What can be done -----------------------------------------------------------------------------------

    @admin.action(description="Send again ...", permissions=["send"])
    @transaction.atomic
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> HttpResponse | None:
        chosen = list(queryset[:_AT_ONCE])
        if "sure" in request.POST:
            self._send_again(request, chosen)
            return None
        keys = [(ACTION_CHECKBOX_NAME, str(message.pk)) for message in chosen]
        hidden = [("action", "send_again"), ("sure", "yes"), *keys]
        return self._ask(request, chosen, back=request.get_full_path(), hidden=hidden)

    @button("Send again", path="send-again", permission="send", icon="forward_to_inbox")
    @transaction.atomic
    def send_one_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        message = self._message(request, object_id)
        back = reverse("admin:notifications_message_change", args=[message.pk])
        if request.method == "POST":
            self._send_again(request, [message])
            return HttpResponseRedirect(back)
        return self._ask(request, [message], back=back)

    @button("Previews", path="previews", permission="preview", icon="preview")
    def preview(self, request: HttpRequest) -> HttpResponse:
        """Every text, with facts to try it with."""
        return preview_page(request, self)

    # --- How it is done -------------------------------------------------------------------------------------

    def _message(self, request: HttpRequest, object_id: str) -> Message:
        found = self.get_object(request, object_id)
        if not isinstance(found, Message):
            raise Http404
        return found

    def _ask(
        self, request: HttpRequest, chosen: list[Message], *, back: str, hidden: list[tuple[str, str]] | None = None
    ) -> HttpResponse:
        title = f"Send {chosen[0].subject!r} again" if len(chosen) == 1 else f"Send {len(chosen)} messages again"
        told = "Each leaves once more as a mail, to where its person is written to now."
        return ask(request, self, forms.Form(), title=title, button="Send again", told=told, back=back, hidden=hidden)

    def _send_again(self, request: HttpRequest, chosen: list[Message]) -> None:
        sent = 0
        for message in sorted(chosen, key=lambda each: each.pk):
            again = services.send_again(message_id=message.pk)
            if again:
                _note(request, message, again)
                sent += 1
        if sent:
            self.message_user(request, f"On their way again: {sent}.", messages.SUCCESS)
        if left := len(chosen) - sent:
            told = f"Not sent: {left}. They are no mails, or their person was erased."
            self.message_user(request, told, messages.WARNING)


def _note(request: HttpRequest, before: Message, after: Message) -> None:
    told = [
        {"address": each.address, "sent_at": _moment(each.sent_at), "failed_at": _moment(each.failed_at)}
        for each in (before, after)
    ]
    audit.note(
        by=cast("User", request.user),
        action="notification.sent_again",
        subject=f"notifications/{after.pk}",
        before=told[0],
        after=told[1] | {"requests": after.requests},
        person=after.recipient_id,
    )


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _people(address: str) -> list[UUID]:
    users = User.objects.filter(email=address).values_list("pk", flat=True)
    return [*users, *Guest.objects.filter(email=address).values_list("pk", flat=True)]
