"""What people want to hear of, and by which channel."""

from collections.abc import Mapping

from django.db import transaction

from notifications.models import STAFF, Channel, Kind, Preference
from notifications.services.recipients import is_required
from shop.users.models import User

Choices = dict[Kind, dict[Channel, bool]]


class NotToBeSwitchedOff(ValueError):
    """Law or contract wants this written: nobody can do without it."""

    def __init__(self, kind: Kind, channel: Channel) -> None:
        super().__init__(self.__doc__)
        self.kind, self.channel = kind, channel


def kinds_for(user: User) -> list[Kind]:
    """What somebody may be told of."""
    return [kind for kind in Kind if user.is_staff or kind not in STAFF]


def preference_of(user: User) -> Preference:
    """What somebody has chosen, to be looked at; who has not chosen yet hears everything."""
    return Preference.objects.filter(pk=user.pk).first() or Preference(user=user)


def preference_locked(user: User) -> Preference:
    """What somebody has chosen, to be changed. Whoever has a row is locked first, so that one is made once."""
    User.objects.locked().get(pk=user.pk)
    preference, _ = Preference.objects.locked().get_or_create(pk=user.pk)
    return preference


@transaction.atomic(savepoint=False)
def choose(*, preference: Preference, wanted: Mapping[Kind, Mapping[Channel, bool]]) -> Preference:
    """Switch some kinds on or off; what is left out stays. Raises `NotToBeSwitchedOff`."""
    for kind, channels in wanted.items():
        for channel, is_wanted in channels.items():
            if is_required(kind, channel) and not is_wanted:
                raise NotToBeSwitchedOff(kind, channel)
            preference.mute(kind, channel, muted=not is_wanted)
    preference.save()
    return preference
