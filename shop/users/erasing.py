"""Erasing a person: what is left is a row without a name, so that books keep somebody to belong to.

Here everything goes that accounts and REST hold. Domains hear `user.erased` and forget what they hold themselves.
"""

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client, Token
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.utils import timezone

from shop.api.models import IdempotentAnswer
from shop.states import bulk_save
from shop.users.models import AccountMail, Language, Session, User


@transaction.atomic(savepoint=False)
def erase(*, user: User) -> None:
    """Erase somebody who is locked; nobody can log in as them or speak for them any more."""
    _forget(user)
    user.email = f"erased-{user.pk}@erased.invalid"
    user.name, user.language, user.marketing = "", Language.ENGLISH, False
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.erased_at = timezone.now()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()


def _forget(user: User) -> None:
    keys = user.keys.values_list("pk", flat=True)
    LogEntry.objects.filter(object_id__in=[str(user.pk), *map(str, keys)]).update(object_repr="", change_message="")
    user.addresses.all().delete()
    user.keys.all().delete()
    Client.objects.filter(owner=user).update(owner=None)  # others use their programs
    for model in (EmailAddress, Authenticator, Token, UserSession, Session):
        model._default_manager.filter(user=user).delete()  # noqa: SLF001 - Django's name for any model's manager
    Session.objects.filter(claimed=Session.digest_of(user.email)).delete()
    IdempotentAnswer.objects.filter(caller=f"user:{user.pk}").delete()
    mails = list(AccountMail.objects.locked().filter(user=user, closed_at=None))
    for mail in mails:
        mail.close()
    bulk_save(mails)
