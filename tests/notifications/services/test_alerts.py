from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction

from notifications import services
from notifications.models import Alert, Kind, Message, Preference, ReceivedMail
from shop.bus.models import DeadLetter
from shop.users.models import User
from tests.conftest import Clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]

Drain = Callable[[], None]


def _staff(email: str, *, hears: str = "", **fields: Any) -> User:
    """A member of staff, in a group that hears of something."""
    user = User.objects.create_user(email, is_staff=True, **fields)
    if hears:
        group = Group.objects.create(name=email)
        group.permissions.add(Permission.objects.get(codename=f"hear_{hears}"))
        user.groups.add(group)
    return user


def _low(sku: str) -> None:
    told = {"sku": sku, "location": "main", "available": 1, "threshold": 5}
    services.gather_alert(kind=Kind.STOCK_LOW, happened=[told])


def _pass(clock: Clock, drain_all: Drain) -> None:
    clock.forward(timedelta(minutes=10))
    drain_all()


def test_a_flood_is_one_mail_with_a_count(clock: Clock, drain_all: Drain) -> None:
    _staff("boss@example.com", is_superuser=True)
    for number in range(25):
        _low(f"MUG-{number}")

    drain_all()
    assert not ReceivedMail.objects.exists()
    _pass(clock, drain_all)

    mail = ReceivedMail.objects.get()
    assert mail.subject == "Stock is low: MUG-0 and 24 more"
    assert "MUG-9 at main: 1 left, low from 5" in mail.body
    assert "MUG-10" not in mail.body
    assert "25 in all" in mail.body


def test_what_happens_after_an_alert_was_written_opens_another(clock: Clock, drain_all: Drain) -> None:
    _staff("boss@example.com", is_superuser=True)
    _low("MUG-1")
    _pass(clock, drain_all)

    _low("MUG-2")
    _pass(clock, drain_all)

    assert [mail.subject for mail in ReceivedMail.objects.order_by("id")] == [
        "Stock is low: MUG-1",
        "Stock is low: MUG-2",
    ]
    assert not Alert.objects.filter(closed_at=None).exists()


def test_those_hear_whose_role_it_is_and_who_want_to(clock: Clock, drain_all: Drain) -> None:
    _staff("warehouse@example.com", hears="stock_low")
    _staff("admin@example.com", hears="dead_letters")
    _staff("gone@example.com", hears="stock_low", is_active=False)
    quiet = _staff("quiet@example.com", hears="stock_low")
    Preference(user=quiet, muted=["stock_low.email"]).save()
    by_name = _staff("by.name@example.com")
    by_name.user_permissions.add(Permission.objects.get(codename="hear_stock_low"))
    customer = User.objects.create_user("ada@example.com")
    customer.user_permissions.add(Permission.objects.get(codename="hear_stock_low"))

    _low("MUG-1")
    _pass(clock, drain_all)

    mailed = ReceivedMail.objects.values_list("recipients", flat=True)
    assert sorted(mailed) == ["by.name@example.com", "warehouse@example.com"]
    assert [each.recipient_id for each in Message.objects.filter(channel="app").order_by("recipient_id")] == sorted(
        User.objects.filter(email__in=[*mailed, "quiet@example.com"]).values_list("pk", flat=True)
    )


def test_an_alert_that_nobody_is_to_hear_of_is_closed_all_the_same(clock: Clock, drain_all: Drain) -> None:
    _low("MUG-1")

    _pass(clock, drain_all)

    assert Alert.objects.get().closed_at is not None
    assert not DeadLetter.objects.exists()


def test_the_database_knows_one_open_alert_of_a_kind(drain_all: Drain) -> None:
    _low("MUG-1")

    with pytest.raises(IntegrityError, match="alert_open_once"), transaction.atomic():
        Alert(kind=Kind.STOCK_LOW).save()
