"""The tally: how often each handler was run, and how that ended."""

from django.db import migrations, models

# Few rows that are written again and again: room for that on their own pages.
TALLY = "ALTER TABLE bus_tally SET (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)"


class Migration(migrations.Migration):
    dependencies = [("bus", "0002_feed_order")]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "handler", "lane", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("handler", models.TextField()),
                ("lane", models.PositiveSmallIntegerField()),
                ("handled", models.BigIntegerField(db_default=0)),
                ("failed", models.BigIntegerField(db_default=0)),
                ("put_off", models.BigIntegerField(db_default=0)),
                ("buried", models.BigIntegerField(db_default=0)),
                ("seconds", models.FloatField(db_default=0)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(TALLY, migrations.RunSQL.noop),
    ]
