"""Alerts to staff: what happened is gathered for a while, and then told once to everybody who is to hear of it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from notifications.models import Alert, Kind
from notifications.services.writing import Draft, write_messages
from shop.users.models import User


@transaction.atomic(savepoint=False)
def gather_alert(*, kind: Kind, happened: Sequence[Mapping[str, Any]]) -> None:
    """Note that something happened which staff should look at; the first time opens an alert."""
    alert = Alert.objects.locked().filter(kind=kind, closed_at=None).first() or Alert(kind=kind)
    alert.gather(happened)
    alert.save()


@transaction.atomic(savepoint=False)
def write_alert(*, alert_id: UUID, event_id: UUID) -> None:
    """Close an alert, and write what it has gathered to its listeners; what happens from now on opens another."""
    alert = Alert.objects.locked().filter(pk=alert_id, closed_at=None).first()
    if alert is None:
        return
    alert.close()
    alert.save()
    facts = {"count": alert.count, "examples": alert.examples}
    kind = Kind(alert.kind)
    write_messages(
        drafts=[
            Draft(event_id=event_id, recipient_id=listener, kind=kind, facts=facts, requests=1)
            for listener in _listeners(kind).values_list("pk", flat=True)
        ]
    )


def _listeners(kind: Kind) -> QuerySet[User]:
    """Staff whose role it is to hear of this, and superusers."""
    permission = {"content_type__app_label": "notifications", "codename": f"hear_{kind}"}
    by_role = Q(**{f"groups__permissions__{name}": value for name, value in permission.items()})
    by_name = Q(**{f"user_permissions__{name}": value for name, value in permission.items()})
    active: QuerySet[User] = User.objects.filter(is_staff=True, is_active=True)
    return active.filter(Q(is_superuser=True) | by_role | by_name).distinct()
