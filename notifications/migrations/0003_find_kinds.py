"""Messages of a kind are found among millions, rare kinds too."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0002_kinds_and_channels")]

    operations = [
        AddIndexConcurrently("message", models.Index(fields=["kind", "id"], name="message_by_kind")),
    ]
