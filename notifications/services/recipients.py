"""Who messages go to: people with an account, and guests, who get mails only."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from notifications.models import REQUIRED, Channel, Kind, Preference
from shop.users.models import Guest, User


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody is written to, in which language, and what they want to hear."""

    id: UUID
    address: str
    language: str
    preference: Preference | None = None
    """None for a guest."""

    def channels(self, kind: Kind) -> list[Channel]:
        """By which channels this person is told of something of this kind."""
        if self.preference is None:
            return [Channel.EMAIL]
        return [channel for channel in Channel if is_open(self.preference, kind, channel)]


def is_open(preference: Preference, kind: Kind, channel: Channel) -> bool:
    """Whether somebody with these preferences hears of this kind by this channel."""
    return is_required(kind, channel) or not preference.mutes(kind, channel)


def is_required(kind: Kind, channel: Channel) -> bool:
    """Law or contract wants it on something that lasts, which is a mail."""
    return kind in REQUIRED and channel is Channel.EMAIL


def recipients(people: Iterable[UUID]) -> dict[UUID, Recipient]:
    """Those of some people who can be written to."""
    wanted = set(people)
    preferences = Preference.objects.in_bulk(wanted)
    users = User.objects.filter(pk__in=wanted, erased_at=None).values_list("pk", "email", "language")
    found = {
        pk: Recipient(id=pk, address=email, language=language, preference=preferences.get(pk, Preference(user_id=pk)))
        for pk, email, language in users
    }
    if strangers := wanted - found.keys():
        guests = Guest.objects.filter(pk__in=strangers, erased_at=None).values_list("pk", "email", "language")
        found |= {pk: Recipient(id=pk, address=email, language=language) for pk, email, language in guests}
    return found
