"""The address that `make run` prints leads on."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

pytestmark = pytest.mark.django_db


def test_the_first_address_tells_where_things_are_without_a_query(
    client: Client, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.DEVELOPMENT = True

    with django_assert_num_queries(0):
        answer = client.get("/")

    places = answer.json()
    assert (places["orders"], places["docs"], places["mailbox"]) == ("/api/v1/orders", "/api/docs", "/dev/mailbox")


def test_the_mailbox_is_named_in_development_only(client: Client, settings: Settings) -> None:
    settings.DEVELOPMENT = False

    assert "mailbox" not in client.get("/").json()
