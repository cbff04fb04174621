"""What accounts tell the others. Who wants to know more looks the person up; the log keeps no personal data."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from shop.bus import Event

if TYPE_CHECKING:
    from shop.users.models import AccountMail, Guest, User


class UserEvent(Event, subject="users/{user_id}", key="user_id"):
    """What all news of a person carries."""

    user_id: UUID

    @classmethod
    def of(cls, person: "User | Guest") -> Self:
        return cls(user_id=person.pk)


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
    """Accounts hold nothing personal of this person any more; other domains still have to forget.

    `user_id` is a guest's id where it was a guest, as the `customer_id` of their order is.
    """


class GuestNoted(Event, name="guest.noted", version=1, subject="users/{guest_id}", key="guest_id"):
    """Somebody orders without an account, and how to write to them is noted, for a while."""

    guest_id: UUID

    @classmethod
    def of(cls, guest: "Guest") -> Self:
        return cls(guest_id=guest.pk)


class AccountMailWritten(
    Event, name="account_mail.written", version=1, subject="account-mails/{mail_id}", key="mail_id"
):
    """A mail about an account is to be sent. What it says, a code perhaps, stands in its row only."""

    mail_id: UUID

    @classmethod
    def of(cls, mail: "AccountMail") -> Self:
        return cls(mail_id=mail.pk)
