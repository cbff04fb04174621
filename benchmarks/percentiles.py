"""Percentiles of what was measured, without interpolation: each is a value that somebody has really waited."""

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is no less than this share (0 to 1) of all; raises `ValueError` where there are none."""
    if not values:
        raise ValueError("a percentile of nothing")
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def milliseconds(values: Sequence[float], share: float) -> float:
    """The same of seconds, in milliseconds."""
    return 1000 * percentile(values, share)
