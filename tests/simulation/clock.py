"""Time as the simulation has it: it stands still until somebody moves it, in the database and in the processes alike.

The database's own `shop_now()` stays as it is: sessions of the simulation find another one first, which reads the
setting `shop.clock`.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection

SEARCH_PATH = "simulation,public"

_FUNCTION = """
CREATE SCHEMA IF NOT EXISTS simulation;
CREATE OR REPLACE FUNCTION simulation.shop_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT current_setting('shop.clock')::timestamptz
$$
"""


class Clock:
    """Stands in for the module `time` too. The database's clock may be set without the processes noticing."""

    def __init__(self) -> None:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self.began = today - timedelta(days=today.weekday())  # a week that the log has a partition for
        self.passed = 0.0
        self.set_forward = 0.0

    def monotonic(self) -> float:
        return 1_000_000.0 + self.passed

    perf_counter = monotonic

    def sleep(self, seconds: float) -> None:
        self.passed += seconds

    def now(self) -> datetime:
        """What the database says."""
        return self.began + timedelta(seconds=self.passed + self.set_forward)


def install() -> None:
    """Make the other `shop_now()`, and let no vacuum lock a table to make it shorter: that is not in the seed."""
    with connection.cursor() as cursor:
        cursor.execute(_FUNCTION)
        cursor.execute(f"ALTER DATABASE {connection.settings_dict['NAME']} SET vacuum_truncate = off")
