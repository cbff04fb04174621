"""Dead letters can be put right, and are found among many; the indexes are built beside those who write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("bus", "0003_tally")]

    operations = [
        migrations.AddField("delivery", "amended", models.JSONField(null=True)),
        migrations.AlterModelOptions("delivery", {"verbose_name_plural": "work to do"}),
        AddIndexConcurrently("deadletter", models.Index(fields=["handler", "id"], name="bus_dead_by_handler")),
        AddIndexConcurrently("deadletter", models.Index(fields=["queue", "id"], name="bus_dead_by_queue")),
        AddIndexConcurrently("deadletter", models.Index(fields=["event_id"], name="bus_dead_by_event")),
    ]
