"""What we want otherwise of allauth: mails that are never sent in the request, and no lock-out by strangers."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.utils import setup_user_email
from allauth.core import context as current
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone, translation
from uuid_utils.compat import uuid7

from shop.users import guessing, mails
from shop.users.models import Language, User

# What mails call us. Never the request's Host: whoever asks for a mail to somebody else chooses that.
_SITE = SimpleNamespace(name=settings.SHOP_NAME, domain=urlsplit(settings.FRONTEND_URL).netloc)

_LONGEST_EMAIL = 254


class AccountAdapter(DefaultAccountAdapter):
    """Named by ACCOUNT_ADAPTER; allauth makes one wherever it needs to."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - allauth's signature, which says less than is so
        """A person has signed up; everything is in the first save, so that its news tells of a whole account."""
        user.name = form.cleaned_data["name"]
        user.language = form.cleaned_data["language"] or Language.ENGLISH
        user.registered_at = timezone.now()
        return super().save_user(request, user, form, commit)

    def clean_email(self, email: str) -> str:
        """allauth would cut off what the column cannot take: another's address, perhaps."""
        if len(email) > _LONGEST_EMAIL:
            raise ValidationError(f"An address has {_LONGEST_EMAIL} characters at most.", code="max_length")
        return email

    # --- Mails --------------------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail down in the language of its person; notifications sends it."""
        person = context.get("user") or User.objects.filter(email=email.lower()).first()
        facts = {"request": current.request, "email": email, "current_site": _SITE, **context}
        with translation.override(person.language if person else Language.ENGLISH):
            mail = self.render_mail(template_prefix, email, facts)
        kind = template_prefix.rpartition("/")[2]
        mails.write(user=person, kind=kind, address=email, subject=str(mail.subject), body=str(mail.body))

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Also a mail to an address that was the person's until now is theirs."""
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Who signs up with a known address waits as long as with a fresh one."""
        _pretend_to_register()
        super().send_account_already_exists_mail(email)

    # --- Wrong passwords ------------------------------------------------------------------------------------

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """allauth counts per account, whoever asks: five bad logins by anybody would lock the good password."""
        login = credentials.get("email", "")
        place = f"{self.get_client_ip(request)} {login.lower()}"
        usage = ratelimit.consume(request, app="allauth.account", action="wrong_password", key=place)
        if usage is None:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage = usage  # which allauth gives back when the password is right
        guessing.pause(login)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ARG002 - allauth's
        guessing.note_wrong(credentials.get("email", ""))


def _pretend_to_register() -> None:
    """Do what a fresh address makes us do, and take it back: how long it takes would tell that there is an account."""
    with transaction.atomic():
        user = User.objects.create_user(f"{uuid7()}@nobody.invalid", "as long as any", registered_at=timezone.now())
        setup_user_email(current.request, user, [EmailAddress(email=user.email)])
        transaction.set_rollback(True)
