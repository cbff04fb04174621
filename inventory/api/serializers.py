"""Stock as JSON, in and out."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from inventory.models import MAIN, Adjustment, StockLevel
from inventory.services.adjustments import MOST_PIECES
from shop.api.fields import StrictSerializer, Text, WholeNumber


class LevelSerializer(serializers.ModelSerializer[StockLevel]):
    available = serializers.IntegerField()

    class Meta:
        model = StockLevel
        fields: tuple[str, ...] = ("location", "on_hand", "reserved", "available", "low_at")


class ListedLevelSerializer(LevelSerializer):
    class Meta(LevelSerializer.Meta):
        fields: tuple[str, ...] = ("sku", *LevelSerializer.Meta.fields)


class StockSerializer(serializers.Serializer[Any]):
    """A SKU at all places together, and at each."""

    sku = serializers.CharField()
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    available = serializers.IntegerField()
    locations = LevelSerializer(many=True)


def stock_as_json(sku: str, levels: Sequence[StockLevel]) -> dict[str, Any]:
    """All levels of one SKU, and their sums."""
    names = ("on_hand", "reserved", "available")
    sums = {name: sum(getattr(level, name) for level in levels) for name in names}
    return {"sku": sku, **sums, "locations": LevelSerializer(levels, many=True).data}


class NewAdjustmentSerializer(StrictSerializer):
    """Either `delta`, or both `expected_on_hand` and `on_hand`."""

    sku = Text(max_length=64)
    location = Text(max_length=64, default=MAIN)
    delta = WholeNumber(min_value=-MOST_PIECES, max_value=MOST_PIECES, required=False)
    expected_on_hand = WholeNumber(min_value=0, max_value=MOST_PIECES, required=False)
    on_hand = WholeNumber(min_value=0, max_value=MOST_PIECES, required=False)
    reason = Text(max_length=200)

    def validate(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if wanted.keys() & {"delta", "expected_on_hand", "on_hand"} not in ({"delta"}, {"expected_on_hand", "on_hand"}):
            raise serializers.ValidationError("Send delta, or both expected_on_hand and on_hand.", "ambiguous")
        return wanted


class AdjustmentSerializer(serializers.ModelSerializer[Adjustment]):
    """What changed; `on_hand` is what lies there since."""

    class Meta:
        model = Adjustment
        fields = ("id", "sku", "location", "delta", "on_hand", "reason", "adjusted_at")
