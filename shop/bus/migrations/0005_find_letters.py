"""Dead letters are found by their day, and those that nobody understands, among a million."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("bus", "0004_mending")]

    operations = [
        AddIndexConcurrently("deadletter", models.Index(fields=["died_at"], name="bus_dead_by_time")),
        AddIndexConcurrently(
            "deadletter", models.Index(fields=["id"], condition=models.Q(parked=True), name="bus_dead_parked")
        ),
    ]
