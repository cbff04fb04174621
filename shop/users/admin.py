"""Accounts and API keys in the admin."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html_join
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from shop import audit
from shop.admin.asking import ReasonForm, ask
from shop.admin.buttons import button
from shop.admin.pages import BoundedPaginator
from shop.admin.records import ReadOnlyAdmin
from shop.api.scopes import SCOPES
from shop.users import api_keys, erasing, roles
from shop.users.models import ApiKey, Guest, User


class RolesForm(ReasonForm):
    """Which roles somebody has. What the asker may not give or take stays as it is, and says so."""

    roles = forms.MultipleChoiceField(required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget)
    field_order = ("roles", "reason")

    def __init__(self, *args: Any, asker: User, user: User, **options: Any) -> None:
        held = roles.roles_of(user)
        super().__init__(*args, **options | {"initial": {"roles": sorted(held)}})
        self.asker, self.user = asker, user
        self.fields["roles"].choices = [(name, name) for name in roles.ROLES]  # type: ignore[attr-defined]  # it has them

    def clean(self) -> dict[str, Any]:
        wanted = set(self.cleaned_data.get("roles", ()))
        refused = [name for name in wanted ^ roles.roles_of(self.user) if not roles.may_give(self.asker, name)]
        if refused:
            told = f"Only who may do all that {sorted(refused)[0]} may do gives or takes that role."
            raise forms.ValidationError(told, code="not_yours")
        return self.cleaned_data


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "name", "is_staff", "is_active", "date_joined", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name")
    ordering = ("-id",)  # as they came, by the index that is there
    paginator = BoundedPaginator
    list_per_page = 50
    fields = (
        *("id", "email", "name", "is_active", "is_staff", "is_superuser", "their_roles"),
        *("date_joined", "last_login", "version"),
    )
    readonly_fields = ("their_roles",)
    actions_detail: Any = ("change_roles",)  # unfold's type is that of its default

    @admin.display(description="roles")
    def their_roles(self, user: User) -> str:
        return ", ".join(sorted(roles.roles_of(user))) or "-"

    @button("Roles", path="roles", permission="users.change_user", icon="badge")
    @transaction.atomic
    def change_roles(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give and take roles, one person at a time."""
        user = self.get_object(request, object_id)
        if not isinstance(user, User):
            raise Http404
        user = User.objects.locked().get(pk=user.pk)
        asker = cast("User", request.user)
        if not roles.may_change(asker, user):
            raise PermissionDenied(roles.NotYours.__doc__)
        back = reverse("admin:users_user_change", args=[user.pk])
        form = RolesForm(request.POST or None, asker=asker, user=user)
        if request.method == "POST" and form.is_valid():
            roles.change_roles(user=user, by=asker, **form.cleaned_data)
            self.message_user(request, f"{user} has the roles: {self.their_roles(user)}.", messages.SUCCESS)
            return HttpResponseRedirect(back)
        told = format_html_join(
            "", "<p><b>{}</b>: {}</p>", ((name, role.sentence) for name, role in roles.ROLES.items())
        )
        return ask(request, self, form, title=f"Roles of {user}", told=told, button="Save", back=back)


@admin.register(Guest)
class GuestAdmin(ReadOnlyAdmin):
    """Guests are found by their address, and erased."""

    list_display = ("email", "name", "language", "created_at", "erased_at")
    search_fields = ("email", "name")
    ordering = ("-id",)  # as they came
    paginator = BoundedPaginator
    fields = ("id", "email", "name", "language", "created_at", "erased_at", "version")
    actions = ("erase",)

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("users.change_guest")

    @admin.action(description="Erase", permissions=["erase"])
    @transaction.atomic
    def erase(self, request: HttpRequest, queryset: QuerySet[Guest]) -> None:
        chosen = Q(pk__in=list(queryset.values_list("pk", flat=True)))
        count = erasing.erase_guests(who=chosen)
        for guest in Guest.objects.filter(chosen):
            self.log_change(request, guest, "Erased.")
            audit.note(
                by=cast("User", request.user),
                action="guest.erased",
                subject=f"guests/{guest.pk}",
                before={},
                after={"erased_at": guest.erased_at},
            )
        self.message_user(request, f"Erased: {count}. Books are kept, and where open orders go.", messages.SUCCESS)


class NewApiKeyForm(forms.ModelForm[ApiKey]):
    """A key for anybody; only superusers make keys that speak for other staff."""

    scopes = forms.MultipleChoiceField(
        choices=[(name, f"{name}: {sentence}") for name, sentence in SCOPES.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    asker: User
    """Who fills the form in; the admin says so."""

    class Meta:
        model = ApiKey
        fields = ("owner", "name", "scopes", "expires_at")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        expires_at = self.fields["expires_at"]
        expires_at.required = False
        expires_at.validators.append(api_keys.check_end)
        expires_at.help_text = f"UTC; {api_keys.LIFETIME.days} days from now unless told otherwise."

    def clean_owner(self) -> User:
        owner: User = self.cleaned_data["owner"]
        if owner.is_staff and owner != self.asker and not self.asker.is_superuser:
            raise forms.ValidationError("Only superusers make keys that speak for other staff.", code="not_yours")
        return owner

    def clean(self) -> dict[str, Any]:
        if owner := self.cleaned_data.get("owner"):
            try:
                api_keys.ensure_room(owner=owner)
            except api_keys.TooManyKeys as error:
                raise forms.ValidationError(str(error), code="too_many_keys") from error
        return self.cleaned_data


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys are made and revoked, and never changed."""

    form = NewApiKeyForm
    list_display = ("name", "prefix", "owner", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("owner",)
    search_fields = ("name", "prefix", "owner__email")
    ordering = ("-created_at",)
    raw_id_fields = ("owner",)  # Django's autocomplete breaks on an id that is none
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("users.add_apikey")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("users.change_apikey")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        wanted = ("owner", "name", "scopes", "expires_at")
        return wanted if obj is None else ("id", "prefix", *wanted, "created_at", "last_used_at", "revoked_at")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # as Django
        if obj is not None:
            return super().get_form(request, obj, change, **options | {"form": forms.ModelForm})
        return type("AskedForm", (super().get_form(request, obj, change, **options),), {"asker": request.user})

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> ApiKey:
        """Issue the key and tell its secret, in a message that the browser shows once and nothing keeps."""
        secret, key = api_keys.issue(**form.cleaned_data)
        form.save_m2m = list  # there is nothing of the kind
        self._note(request, "api_key.issued", key, before={}, after=_told(key))
        self.message_user(request, f"The secret of {key.name} is shown only now: {secret}", messages.WARNING)
        return key

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """`save_form` has done it."""

    @admin.action(description="Revoke", permissions=["revoke"])
    @transaction.atomic
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            before = _told(key)
            api_keys.revoke(key=key)
            self._note(request, "api_key.revoked", key, before=before, after=_told(key))
            self.log_change(request, key, "Revoked.")
        self.message_user(request, "They speak for nobody any more.", messages.SUCCESS)

    def _note(
        self, request: HttpRequest, action: str, key: ApiKey, *, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        by, subject = cast("User", request.user), f"api_keys/{key.pk}"
        audit.note(by=by, action=action, subject=subject, before=before, after=after, person=key.owner_id)


def _told(key: ApiKey) -> dict[str, Any]:
    """What the audit keeps of a key: nothing that speaks for anybody."""
    return {name: getattr(key, name) for name in ("owner_id", "name", "scopes", "expires_at", "revoked_at")}
