from datetime import timedelta

import pytest
from django.utils import timezone

from benchmarks.history.writing import NotEmpty, write
from orders.models import Order
from shop.doctor import examine

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_written_history_breaks_no_rule_but_for_the_dead_letters_that_are_in_it() -> None:
    told = list(write(orders=3_000, part=1_000))

    found = [each.invariant.claim for each in examine(since=timezone.now() - timedelta(days=7)) if each.broken]
    assert found == ["nothing was given up"]
    assert [line for line in told if "orders" in line] == ["1000 orders", "2000 orders", "3000 orders"]
    assert set(Order.objects.values_list("status", flat=True)) >= {"confirmed", "shipped", "delivered", "cancelled"}
    with pytest.raises(NotEmpty):
        next(write(orders=1, part=1))
