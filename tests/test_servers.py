"""The plugin that starts the servers of the tests, and keeps the tests at home."""

import os
import socket

import pytest
from django.conf import settings
from django.db import connection

from tests import servers


def test_the_settings_know_the_servers_of_the_tests() -> None:
    assert os.environ["REDIS_URL"] == settings.REDIS_URL
    assert os.environ["SECRET_KEY"] == settings.SECRET_KEY


def test_tests_are_no_worker_whatever_they_import() -> None:
    assert settings.ROLE == "command"


def test_the_database_is_one_for_tests_only(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0].startswith("test_")


def test_speaking_to_another_machine_fails_and_is_remembered() -> None:
    with pytest.raises(servers.OutsideWorld):
        socket.create_connection(("192.0.2.1", 80), timeout=1)

    assert servers._strays == ["192.0.2.1:80"]
    servers._strays.clear()
