"""Sweeping what is past its time: a few rows at once, by whoever comes by, in a transaction or without one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shop import sweeping
from shop.sweeping import sweep
from shop.users.models import Session

pytestmark = pytest.mark.django_db(transaction=True)


def test_so_many_are_removed_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "CHANCE", 1.0)
    monkeypatch.setattr(sweeping, "_AT_ONCE", 2)
    now = timezone.now()
    for days in range(5):
        Session.objects.create(session_key=f"key-{days}", session_data="", expire_date=now - timedelta(days=days))

    sweep(lambda: Session.objects.filter(expire_date__lt=now).order_by("expire_date"))

    assert set(Session.objects.values_list("session_key", flat=True)) == {"key-0", "key-1", "key-2"}
