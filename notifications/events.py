"""What notifications tells the others."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from shop.bus import Event

if TYPE_CHECKING:
    from notifications.models import Alert, Message


class NotificationEvent(Event, subject="notifications/{message_id}", key="about"):
    """What all news of a message carries; `about` is the order that it is about, or else its own id."""

    message_id: UUID
    about: UUID
    kind: str
    channel: str

    @classmethod
    def of(cls, message: "Message") -> Self:
        about = message.order_id or message.pk
        return cls(message_id=message.pk, about=about, kind=message.kind, channel=message.channel)


class NotificationRequested(NotificationEvent, name="notification.requested", version=1):
    """A message is to be sent that no other news makes leave: an alert, or one that is to be sent again."""


class NotificationFailed(NotificationEvent, name="notification.failed", version=1):
    """The mail server refused the message for good; nobody tries again unless somebody asks for it."""


class AlertOpened(Event, name="alert.opened", version=1, subject="alerts/{alert_id}", key="kind"):
    """Something happened that staff should look at. They are not written to yet: more of it is gathered first."""

    alert_id: UUID
    kind: str

    @classmethod
    def of(cls, alert: "Alert") -> Self:
        return cls(alert_id=alert.pk, kind=alert.kind)
