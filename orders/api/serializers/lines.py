"""Lines as clients send them: pieces of some SKUs, each SKU once."""

from typing import Any

from rest_framework import serializers

from orders.services import NewLine
from shop.api.fields import StrictSerializer, Text, WholeNumber

_MOST_LINES = 200
_MOST_PIECES = 10_000


class NewLineSerializer(StrictSerializer):
    sku = Text(max_length=64)
    quantity = WholeNumber(min_value=1, max_value=_MOST_PIECES)


class NewLines(serializers.ListField):
    """Raises `sku_repeated` where a SKU stands in two lines: which of the two was meant?"""

    child = NewLineSerializer()
    made: type[Any] = NewLine

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_empty=False, max_length=_MOST_LINES, **options)

    def to_internal_value(self, data: Any) -> Any:
        wanted = [self.made(**line) for line in super().to_internal_value(data)]
        if len({line.sku for line in wanted}) < len(wanted):
            raise serializers.ValidationError("Each SKU may stand in one line only.", "sku_repeated")
        return wanted
