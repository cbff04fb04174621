"""Messages of before say again what they said."""

from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from notifications.channels import words


@pytest.mark.django_db
def test_a_message_of_before_can_be_sent_again_in_its_own_words() -> None:
    loader = MigrationLoader(connection)
    first = loader.get_migration("notifications", "0001_initial")
    second = loader.get_migration("notifications", "0002_kinds_and_channels")
    users = loader.project_state(("users", "0006_guests"))

    with connection.schema_editor() as editor, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA past; SET LOCAL search_path TO past, public")
        state = first.apply(users, editor)
        cursor.execute(
            "INSERT INTO past.notifications_message"
            " (version, id, event_id, recipient_id, channel, address, subject, body, created_at)"
            " VALUES (1, %s, %s, %s, 'email', 'ada@example.com', 'Hello', 'Dear Ada', now())",
            [uuid4(), uuid4(), uuid4()],
        )
        second.apply(state, editor)
        cursor.execute("SELECT kind, language, facts::text FROM past.notifications_message")
        ((kind, language, facts),) = cursor.fetchall()

    assert words.said(kind, language, {"subject": "Hello", "text": "Dear Ada"}) == ("Hello", "Dear Ada")
    assert facts == '{"text": "Dear Ada", "subject": "Hello"}'
