"""The database's clock, moved by an offset in tests: no worker's clock decides what is due."""

from django.db import models


class ShopNow(models.Func):
    """`shop_now()`: the start of the transaction, plus the session's `shop.clock_offset`."""

    function = "shop_now"
    template = "%(function)s()"
    arity = 0
    output_field = models.DateTimeField()
