"""The database's clock, moved by an offset in tests: no worker's clock decides what is due."""

from datetime import datetime

from django.db import connection, models


class ShopNow(models.Func):
    """`shop_now()`: the start of the transaction, plus the session's `shop.clock_offset`."""

    function = "shop_now"
    template = "%(function)s()"
    arity = 0
    output_field = models.DateTimeField()


def shop_now() -> datetime:
    """The same moment as a value, for what is written down and told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT shop_now()")
        now: datetime = cursor.fetchone()[0]
    return now
