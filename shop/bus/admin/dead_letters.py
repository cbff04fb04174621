"""Dead letters: found, read, retried as they are or put right, and let go. All of it is kept in the audit."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from shop import audit
from shop.admin.asking import ReasonForm, ask
from shop.admin.buttons import button
from shop.bus import dead_letters
from shop.bus.admin.letters import ShownLetters
from shop.bus.admin.payloads import PayloadForm
from shop.bus.models import DeadLetter
from shop.bus.redaction import redacted
from shop.users.models import User

_AT_ONCE = 1_000  # letters that one action takes; who has more takes them by turns


@admin.register(DeadLetter)
class DeadLetterAdmin(ShownLetters):
    """What can be done with them."""

    actions = ("retry", "let_go")
    actions_detail: Any = ("retry_one", "edit_one", "let_go_one")  # unfold's type is that of its default

    def has_mend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("bus.change_deadletter")

    @admin.action(description="Retry", permissions=["mend"])
    @transaction.atomic
    def retry(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> None:
        self._retry(request, _locked(queryset))

    @admin.action(description="Let go ...", permissions=["mend"])
    @transaction.atomic
    def let_go(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> HttpResponse | None:
        letters = _locked(queryset)
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_valid():
            self._let_go(request, letters, form.cleaned_data["reason"])
            return None
        chosen = [("action", "let_go"), *((ACTION_CHECKBOX_NAME, str(letter.pk)) for letter in letters)]
        return self._ask_to_let_go(request, form, letters, request.get_full_path(), chosen)

    @button("Retry", path="retry", permission="mend", icon="replay")
    @transaction.atomic
    def retry_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        letter = self._letter(request, object_id)
        if request.method == "POST":
            self._retry(request, [letter])
            return HttpResponseRedirect(_list())
        told = f"{letter.handler} hears it again, with fresh attempts."
        return ask(request, self, forms.Form(), title=_title(letter), button="Retry", told=told, back=_page(letter))

    @button("Edit and retry", path="edit", permission="mend", icon="edit")
    @transaction.atomic
    def edit_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        letter = self._letter(request, object_id)
        form = PayloadForm(request.POST or None, letter=letter)
        if request.method == "POST" and form.is_valid() and self._amended(request, letter, form):
            return HttpResponseRedirect(_list())
        told = f"Only {letter.handler} hears what you write here; the log keeps what was told."
        return ask(request, self, form, title=_title(letter), button="Save and retry", told=told, back=_page(letter))

    @button("Let go", path="let-go", permission="mend", icon="delete")
    @transaction.atomic
    def let_go_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        letter = self._letter(request, object_id)
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._let_go(request, [letter], form.cleaned_data["reason"])
            return HttpResponseRedirect(_list())
        return self._ask_to_let_go(request, form, [letter], _page(letter))

    # --- How it is done -------------------------------------------------------------------------------------

    def _letter(self, request: HttpRequest, object_id: str) -> DeadLetter:
        found = self.get_object(request, object_id)
        letter = found and DeadLetter.objects.select_for_update().filter(pk=found.pk).first()
        if not letter:
            raise Http404
        return letter

    def _retry(self, request: HttpRequest, letters: list[DeadLetter]) -> None:
        retried = dead_letters.retry(letters)
        kept = set(DeadLetter.objects.filter(pk__in=[letter.pk for letter in letters]).values_list("pk", flat=True))
        for letter in letters:
            if letter.pk not in kept:
                _note(request, "dead_letter.retried", letter)
        self.message_user(request, f"{_letters(retried)} delivered anew.", messages.SUCCESS)
        if kept:
            told = f"{_letters(len(kept))} stayed: the log has the event no more."
            self.message_user(request, told, messages.WARNING)

    def _let_go(self, request: HttpRequest, letters: list[DeadLetter], reason: str) -> None:
        for letter in letters:
            _note(request, "dead_letter.let_go", letter, reason=reason)
        self.message_user(request, f"{_letters(dead_letters.let_go(letters))} let go.", messages.SUCCESS)

    def _amended(self, request: HttpRequest, letter: DeadLetter, form: PayloadForm) -> bool:
        data = form.cleaned_data["payload"]
        try:
            dead_letters.amend(letter=letter, data=data)
        except dead_letters.NotAmendable as error:
            form.add_error("payload", str(redacted(str(error))))
            return False
        values = {"before": {"payload": redacted(form.told)}, "after": {"payload": redacted(data)}}
        _note(request, "dead_letter.amended", letter, reason=form.cleaned_data["reason"], **values)
        self.message_user(request, "Put right, and delivered anew.", messages.SUCCESS)
        return True

    def _ask_to_let_go(
        self,
        request: HttpRequest,
        form: ReasonForm,
        letters: list[DeadLetter],
        back: str,
        hidden: list[tuple[str, str]] | None = None,
    ) -> HttpResponse:
        title = _title(letters[0]) if len(letters) == 1 else f"Let {_letters(len(letters))} go"
        told = "Nobody will ever do it: it is neither retried nor replayed."
        return ask(
            request, self, form, title=title, button="Let go", told=told, back=back, hidden=hidden, is_final=True
        )


def _locked(letters: QuerySet[DeadLetter]) -> list[DeadLetter]:
    """Some of them, for this transaction alone: who comes at the same moment finds none of these."""
    return list(letters.select_for_update().order_by("pk")[:_AT_ONCE])


def _note(request: HttpRequest, action: str, letter: DeadLetter, *, reason: str = "", **values: Any) -> None:
    before = {"handler": letter.handler, "attempts": letter.attempts, "error": redacted(letter.error)}
    audit.note(
        by=cast("User", request.user),
        action=action,
        subject=f"events/{letter.event_id}",
        before=before | values.get("before", {}),
        after={"handler": letter.handler} | values.get("after", {}),
        reason=reason,
    )


def _title(letter: DeadLetter) -> str:
    return f"{(letter.event or {}).get('type', 'An event')} for {letter.handler}"


def _letters(number: int) -> str:
    return "1 dead letter" if number == 1 else f"{number} dead letters"


def _list() -> str:
    return reverse("admin:bus_deadletter_changelist")


def _page(letter: Model) -> str:
    return reverse("admin:bus_deadletter_change", args=[letter.pk])
