"""Since when each handler is subscribed. Of what was told before, nobody expects that it has heard.

A handler is noted by whoever runs its code first: `migrate`, or a worker. The code before it may go on telling for a
while without it, so it counts from an hour later; those of an empty table have always been there.
"""

from django.db import connection

from shop.bus.handlers import handlers

_NOTE = """
INSERT INTO bus_subscription (handler, since)
SELECT handler, CASE
    WHEN EXISTS (SELECT FROM bus_subscription) THEN shop_now() + interval '1 hour' ELSE to_timestamp(0) END
FROM unnest(%s::text[]) AS known (handler)
WHERE NOT EXISTS (SELECT FROM bus_subscription AS noted WHERE noted.handler = known.handler)
ON CONFLICT DO NOTHING
"""


def note(**_signal: object) -> None:
    """Note the handlers that nobody has noted yet, unless the tables were taken back to before there were notes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bus_subscription') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute(_NOTE, [sorted(handlers)])
