"""The order of the feed: when an event is settled for every reader, and its place among those settled together.

Nothing here keeps writers waiting for longer than a moment: the columns are added without touching a row, rows that
exist are numbered in a statement that locks nobody out, and each partition's index is built beside its writers. A
run that was broken off is taken up again where it stopped.
"""

from django.db import migrations, models, transaction

import shop.bus.models

# A volatile function in PL/pgSQL looks with fresh eyes: the statement that calls it may have waited for a subject's
# counter, and whoever held that has ended since the statement began. Plain SQL would be inlined, and look no more.
SETTLED_AFTER = """
CREATE OR REPLACE FUNCTION bus_settled_after() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN greatest(
        pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1
    );
END
$$
"""

# What is there was committed before this lock was given, and so is settled for everybody: after 0.
COLUMNS = """
ALTER TABLE bus_event
    ADD COLUMN IF NOT EXISTS settled_after bigint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS position bigint NOT NULL DEFAULT 0;
ALTER TABLE bus_event
    ALTER COLUMN settled_after SET DEFAULT bus_settled_after(),
    ALTER COLUMN position SET DEFAULT nextval('bus_event_position')
"""

NUMBERS = """
UPDATE bus_event SET position = numbered.place
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM bus_event WHERE settled_after = 0) AS numbered
WHERE bus_event.id = numbered.id AND bus_event.position = 0
"""

PARTITIONS = """
SELECT child.relname, index.relname, coalesce(known.indisvalid, false)
FROM pg_inherits
JOIN pg_class child ON child.oid = inhrelid
CROSS JOIN LATERAL (SELECT child.relname || '_feed' AS relname) AS index
LEFT JOIN pg_index known ON known.indexrelid = to_regclass(index.relname)
WHERE inhparent = 'bus_event'::regclass
    AND NOT EXISTS (  -- one that was made since has its index already
        SELECT FROM pg_inherits attached JOIN pg_index part ON part.indexrelid = attached.inhrelid
        WHERE attached.inhparent = 'bus_event_feed'::regclass AND part.indrelid = child.oid
    )
"""


def add_columns(apps, schema_editor):
    with transaction.atomic(), schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")  # rather come again than let everybody queue behind us
        cursor.execute("CREATE SEQUENCE IF NOT EXISTS bus_event_position")
        cursor.execute(SETTLED_AFTER)
        cursor.execute(COLUMNS)


def number_rows(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(NUMBERS)


def build_index(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("CREATE INDEX IF NOT EXISTS bus_event_feed ON ONLY bus_event (settled_after, position)")
        cursor.execute(PARTITIONS)
        for table, index, is_built in cursor.fetchall():
            if not is_built:
                cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
                cursor.execute(f"CREATE INDEX CONCURRENTLY {index} ON {table} (settled_after, position)")
            cursor.execute(f"ALTER INDEX bus_event_feed ATTACH PARTITION {index}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("bus", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(add_columns, migrations.RunPython.noop),
                migrations.RunPython(number_rows, migrations.RunPython.noop),
                migrations.RunPython(build_index, migrations.RunPython.noop),
                migrations.RunSQL(
                    migrations.RunSQL.noop,
                    "ALTER TABLE bus_event DROP COLUMN settled_after, DROP COLUMN position;"
                    "DROP FUNCTION bus_settled_after(); DROP SEQUENCE bus_event_position",
                ),
            ],
            state_operations=[
                migrations.AddField(
                    "event", "settled_after", models.BigIntegerField(db_default=shop.bus.models.SettledAfter())
                ),
                migrations.AddField(
                    "event", "position", models.BigIntegerField(db_default=shop.bus.models.NextPosition())
                ),
                migrations.AddIndex(
                    "event", models.Index(fields=["settled_after", "position"], name="bus_event_feed")
                ),
            ],
        ),
    ]
