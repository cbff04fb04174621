"""Problems that several views of orders tell."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers


def in_lines(places: Sequence[int], detail: str, code: str) -> serializers.ValidationError:
    """What is wrong with the SKUs of some lines, each told where it stands."""
    told = serializers.ErrorDetail(detail, code)
    lines: list[Any] = [{} for _ in range(max(places) + 1)]
    for place in places:
        lines[place] = {"sku": [told]}
    return serializers.ValidationError({"lines": lines})
