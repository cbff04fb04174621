"""OAuth clients in the admin: programs of others that may ask for a part of what people may do here."""

from typing import Any, cast
from urllib.parse import urlsplit

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client
from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from shop import audit
from shop.users.models import User

_GRANTS = [Client.GrantType.AUTHORIZATION_CODE, Client.GrantType.REFRESH_TOKEN, Client.GrantType.CLIENT_CREDENTIALS]


class Choices(forms.MultipleChoiceField):
    """Several of a few, kept one per line, as allauth keeps them."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def prepare_value(self, value: Any) -> Any:
        return value.split("\n") if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        return "\n".join(super().clean(value))


class ClientForm(forms.ModelForm[Client]):
    """A client; only superusers make ones that speak for other staff."""

    scopes = Choices()
    grant_types = Choices(choices=[(grant.value, grant.label) for grant in _GRANTS])

    asker: User
    """Who fills the form in; the admin says so."""

    class Meta:
        model = Client
        fields = ("name", "type", "grant_types", "redirect_uris", "scopes", "owner")
        help_texts = {"owner": "For whom it speaks when it comes by its own credentials."}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        sentences = get_adapter().scope_display
        self.fields["scopes"].choices = [(name, f"{name}: {told}") for name, told in sentences.items()]  # type: ignore[attr-defined]

    def clean_redirect_uris(self) -> str:
        uris = self.cleaned_data["redirect_uris"].split()
        if strange := [uri for uri in uris if not _is_a_place(uri)]:
            raise forms.ValidationError(f"{strange[0]} is neither https:// nor on this machine.", code="strange")
        return "\n".join(uris)

    def clean_owner(self) -> User | None:
        owner: User | None = self.cleaned_data["owner"]
        if owner and owner.is_staff and owner != self.asker and not self.asker.is_superuser:
            raise forms.ValidationError("Only superusers make clients that speak for other staff.", code="not_yours")
        return owner

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        grants = (told.get("grant_types") or "").split("\n")
        if Client.GrantType.AUTHORIZATION_CODE in grants and not told.get("redirect_uris"):
            self.add_error("redirect_uris", "Where may people be sent back to, with their code?")
        if Client.GrantType.CLIENT_CREDENTIALS in grants:
            if told.get("type") == Client.Type.PUBLIC:
                self.add_error("type", "What has no secret has no credentials.")
            if "owner" in told and told["owner"] is None:
                self.add_error("owner", "For whom does it speak?")
        return told


@admin.register(Client)
class ClientAdmin(ModelAdmin):
    form = ClientForm
    list_display = ("name", "id", "type", "owner", "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "id", "owner__email")
    ordering = ("-created_at",)
    raw_id_fields = ("owner",)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ClientForm.Meta.fields if obj is None else ("id", *ClientForm.Meta.fields, "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return () if obj is None else ("id", "created_at")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # as Django
        return type("AskedForm", (super().get_form(request, obj, change, **options),), {"asker": request.user})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A new client's secret is told once, in a message that the browser shows and nothing keeps."""
        if not change:
            secret = get_adapter().generate_client_secret()
            obj.set_secret(secret)
            told = f"The client_id is {obj.pk}; its secret is shown only now: {secret}"
            self.message_user(request, told, messages.WARNING)
        super().save_model(request, obj, form, change)
        before = {name: form.initial.get(name) for name in form.changed_data if change}
        after = {name: getattr(obj, name) for name in form.changed_data}
        self._note(request, "oauth_client.changed" if change else "oauth_client.made", obj, before=before, after=after)

    def delete_model(self, request: HttpRequest, obj: Client) -> None:
        self._note(request, "oauth_client.deleted", obj, before={"name": obj.name, "owner": obj.owner}, after={})
        super().delete_model(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Clients are deleted one by one: each is a decision."""
        return {name: told for name, told in super().get_actions(request).items() if name != "delete_selected"}

    def _note(
        self, request: HttpRequest, action: str, client: Client, *, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        """Owners are kept by their ids."""
        audit.note(
            by=cast("User", request.user),
            action=action,
            subject=f"oauth_clients/{client.pk}",
            person=client.owner.pk if client.owner else None,
            before={name: _plain(value) for name, value in before.items()},
            after={name: _plain(value) for name, value in after.items()},
        )


def _plain(value: Any) -> Any:
    return str(value.pk) if isinstance(value, User) else value


def _is_a_place(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    is_here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1"}
    return bool(parts.hostname) and not parts.fragment and "*" not in uri and (parts.scheme == "https" or is_here)
