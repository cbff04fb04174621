"""The tables of the bus. The log and the receipts are partitioned from the first day."""

import django.contrib.postgres.fields
from django.db import migrations, models

CLOCK = """
CREATE FUNCTION shop_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT now() + coalesce(nullif(current_setting('shop.clock_offset', true), ''), '0')::interval
$$
"""

EVENT = """
CREATE TABLE bus_event (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    version smallint NOT NULL,
    source text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    partition_key text NOT NULL,
    time timestamptz NOT NULL,
    correlation_id text NOT NULL,
    causation_id text NOT NULL,
    actor text NOT NULL,
    traceparent text NOT NULL,
    data jsonb NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX bus_event_story ON bus_event (partition_key, id);
"""

RECEIPT = """
CREATE TABLE bus_receipt (
    event_id uuid NOT NULL,
    handler text NOT NULL,
    attempts smallint NOT NULL,
    done_at timestamptz NOT NULL,
    PRIMARY KEY (event_id, handler)
) PARTITION BY RANGE (event_id)
"""

# Deliveries come and go all the time: room for updates on the same page, and a vacuum that does not wait.
DELIVERY = """
ALTER TABLE bus_delivery SET (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 20000, autovacuum_vacuum_cost_delay = 0
)
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.RunSQL(CLOCK, "DROP FUNCTION shop_now()"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(EVENT, "DROP TABLE bus_event")],
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("type", models.TextField()),
                        ("version", models.PositiveSmallIntegerField()),
                        ("source", models.TextField()),
                        ("subject", models.TextField()),
                        ("sequence", models.BigIntegerField()),
                        ("partition_key", models.TextField()),
                        ("time", models.DateTimeField()),
                        ("correlation_id", models.TextField()),
                        ("causation_id", models.TextField()),
                        ("actor", models.TextField()),
                        ("traceparent", models.TextField()),
                        ("data", models.JSONField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["partition_key", "id"], name="bus_event_story")],
                    },
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(RECEIPT, "DROP TABLE bus_receipt")],
            state_operations=[
                migrations.CreateModel(
                    name="Receipt",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "event_id", "handler", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("event_id", models.UUIDField()),
                        ("handler", models.TextField()),
                        ("attempts", models.PositiveSmallIntegerField()),
                        ("done_at", models.DateTimeField()),
                    ],
                ),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField()),
                ("handler", models.TextField()),
                ("queue", models.TextField()),
                ("lane", models.PositiveSmallIntegerField()),
                ("due_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(db_default=0)),
                ("error", models.TextField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["queue", "lane", "due_at", "seq"], name="bus_delivery_due")],
            },
        ),
        migrations.RunSQL(DELIVERY, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_id", models.UUIDField()),
                ("handler", models.TextField()),
                ("queue", models.TextField()),
                ("attempts", models.PositiveSmallIntegerField()),
                ("parked", models.BooleanField()),
                ("error", models.TextField()),
                ("event", models.JSONField(null=True)),
                ("died_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Subject",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Marker",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "queue", "lane", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("queue", models.TextField()),
                ("lane", models.PositiveSmallIntegerField()),
                ("seqs", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("since", models.DateTimeField()),
            ],
        ),
    ]
