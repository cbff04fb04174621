"""What messages tell on pages that belong to nobody alone."""

from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode

from notifications.models import Channel, Message
from shop.admin.panels import Fact, Link, Panel, Step
from shop.admin.tones import TONES
from shop.users.models import User

_MOST = 100  # no order has as many


def about_order(order_id: UUID, viewer: User) -> list[Panel]:
    """What was written about an order, and whether it has left."""
    if not viewer.has_perm("notifications.view_message"):
        return []
    written = list(Message.objects.filter(order_id=order_id).order_by("id")[:_MOST])
    if not written:
        return []
    failed = sum(message.failed_at is not None for message in written)
    sought = f"{reverse('admin:notifications_message_changelist')}?{urlencode({'q': str(order_id)})}"
    return [
        Panel(
            title="Messages",
            state=f"{failed} failed" if failed else "",
            tone="danger" if failed else "",
            facts=[Fact(name=message.get_kind_display(), value=_state(message)) for message in _mails(written)],
            steps=[_step(message) for message in _mails(written)],
            links=[Link(title="Look at them, or send them again", address=sought)],
        )
    ]


def _mails(written: list[Message]) -> list[Message]:
    """What is in the app says the same."""
    return [message for message in written if message.channel == Channel.EMAIL]


def _step(message: Message) -> Step:
    state = _state(message)
    return Step(
        at=message.created_at,
        title=f"mail: {message.get_kind_display().lower()}",
        state=state,
        tone=TONES.get(state, ""),
        facts=[Fact(name="left", value=message.sent_at)] if message.sent_at else [],
        address=reverse("admin:notifications_message_change", args=[message.pk]),
    )


def _state(message: Message) -> str:
    if message.failed_at:
        return "failed"
    return "sent" if message.sent_at else "waiting"
