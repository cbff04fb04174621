"""Whether the database has all migrations: asking costs milliseconds, running `migrate` a second or two."""

import psycopg
from django.db.migrations.loader import MigrationLoader


def are_applied(database_url: str) -> bool:
    """True if each migration of the installed apps is recorded in the database."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    wanted = set(loader.disk_migrations or ())
    with psycopg.connect(database_url, connect_timeout=5) as connection:
        if connection.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
            return False
        return wanted <= set(connection.execute("SELECT app, name FROM django_migrations"))
