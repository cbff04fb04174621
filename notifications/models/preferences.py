"""What people do not want to hear."""

from django.db import models

from notifications.models.messages import Channel, Kind
from shop.states import Guarded
from shop.users.models import User


class Preference(Guarded):
    """What a person has switched off, as `shipped.email`; who has no row hears everything."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    muted = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"

    def mutes(self, kind: Kind, channel: Channel) -> bool:
        return f"{kind}.{channel}" in self.muted

    def mute(self, kind: Kind, channel: Channel, *, muted: bool) -> None:
        self.muted = sorted({*self.muted, f"{kind}.{channel}"} if muted else {*self.muted} - {f"{kind}.{channel}"})
