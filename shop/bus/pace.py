"""How many deliveries make a batch: as many as take about a tenth of a second."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_WANTED = 0.1  # seconds
_SMALLEST, _LARGEST = 8, 500


class Pace:
    """Learns from each batch how large the next one may be."""

    def __init__(self) -> None:
        self.size = 50

    @contextmanager
    def measured(self, count: int) -> Iterator[None]:
        began = time.monotonic()
        yield
        seconds = max(time.monotonic() - began, 0.001)
        possible = int(count * _WANTED / seconds)
        self.size = max(_SMALLEST, min(possible, 2 * self.size, _LARGEST)) if count > self.size // 2 else self.size
