from collections.abc import Callable

import pytest

from inventory.models import StockLevel
from notifications.panels import about_order
from shop.users.models import User
from tests.shopping import place
from tests.staff import staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]


def test_the_mails_of_an_order_are_told_with_a_way_to_each(
    ada: User, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    order = place(ada, {"MUG-BLUE": 1})
    drain_all()

    (panel,) = about_order(order.pk, staff("support", "support"))

    assert {step.title for step in panel.steps} >= {"mail: received", "mail: confirmed", "mail: receipt"}
    assert {step.state for step in panel.steps} == {"sent"}
    assert all("/admin/notifications/message/" in step.address for step in panel.steps)


def test_who_may_not_see_mails_is_told_nothing_of_them(
    ada: User, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    order = place(ada, {"MUG-BLUE": 1})
    drain_all()

    assert about_order(order.pk, staff("warehouse", "warehouse")) == []
