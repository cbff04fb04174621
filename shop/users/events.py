"""What accounts tell the others. Who wants to know more looks the person up; the log keeps no personal data."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from shop.bus import Event

if TYPE_CHECKING:
    from shop.users.models import AccountMail, User


class UserEvent(Event, subject="users/{user_id}", key="user_id"):
    """What all news of a person carries."""

    user_id: UUID

    @classmethod
    def of(cls, user: "User") -> Self:
        return cls(user_id=user.pk)


class UserRegistered(UserEvent, name="user.registered", version=1):
    """Somebody has made an account for themselves; that the e-mail address is theirs is not proven yet."""


class UserUpdated(Event, name="user.updated", version=1, subject="users/{user_id}", key="user_id"):
    """Name, e-mail address, language or wishes of a person are others now; `changed` names which, not what they are."""

    user_id: UUID
    changed: tuple[str, ...]

    @classmethod
    def of(cls, user: "User", changed: set[str]) -> Self:
        return cls(user_id=user.pk, changed=tuple(sorted(changed)))


class UserErased(UserEvent, name="user.erased", version=1):
    """The account holds nothing personal any more and nobody can log in to it; other domains still have to forget."""


class AccountMailWritten(
    Event, name="account_mail.written", version=1, subject="account-mails/{mail_id}", key="mail_id"
):
    """A mail about an account is to be sent. What it says, a code perhaps, stands in its row only."""

    mail_id: UUID

    @classmethod
    def of(cls, mail: "AccountMail") -> Self:
        return cls(mail_id=mail.pk)
