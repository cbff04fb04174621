"""Erasing a person: what is left is a row without a name, so that books keep somebody to belong to.

A person has an account, or was a guest. Here everything goes that accounts and REST hold. Domains hear `user.erased`
and forget what they hold themselves.
"""

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client, Token
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from shop import audit
from shop.api.models import IdempotentAnswer
from shop.states import bulk_save
from shop.users.models import AccountMail, Guest, Language, Session, User


@transaction.atomic(savepoint=False)
def erase(*, user: User) -> None:
    """Erase somebody who is locked; nobody can log in as them or speak for them any more.

    What they ordered as a guest under an address that is proven to be theirs goes with them.
    """
    proven = list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))
    erase_guests(who=Q(email__in=proven))
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


@transaction.atomic(savepoint=False)
def erase_guests(*, who: Q) -> int:
    """Erase these guests, as far as they are not; tells how many were."""
    guests = list(Guest.objects.locked().filter(who, erased_at=None))
    for guest in guests:
        guest.erase()
    bulk_save(guests)
    audit.forget(people=[guest.pk for guest in guests])
    return len(guests)


def _forget(user: User) -> None:
    keys = user.keys.values_list("pk", flat=True)
    LogEntry.objects.filter(object_id__in=[str(user.pk), *map(str, keys)]).update(object_repr="", change_message="")
    audit.forget(people=[user.pk])
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
