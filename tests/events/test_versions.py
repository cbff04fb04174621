"""Versions of an event over HTTP: each is told as it was told, with the schema of its own version."""

import pytest
from rest_framework.test import APIClient

from tests.bus.facts import tell
from tests.bus.releases.new.tour.events import TicketSold, TicketSoldV1
from tests.settling import settle

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_feed_tells_old_and_new_versions_side_by_side_as_they_were_told(staff: APIClient) -> None:
    tell(TicketSoldV1(town="a", price=12), TicketSold(town="a", cents=999, currency="NOK"))
    settle()

    old, new = staff.get("/api/v1/events", {"subject": "tours/a"}).json()["results"]

    assert (old["type"], old["sequence"], old["data"]) == ("ticket.sold", 1, {"town": "a", "number": 0, "price": 12})
    assert (new["type"], new["sequence"], new["data"]["currency"]) == ("ticket.sold", 2, "NOK")
    assert old["dataschema"].endswith("/api/v1/event-types/ticket.sold/1")
    assert new["dataschema"].endswith("/api/v1/event-types/ticket.sold/2")
