"""Many who act at the same moment, each on a database connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def together(*deeds: Callable[[], T], seconds: float = 60) -> list[T]:
    """Do all of this in threads that start together; what each came to. Raises what one of them raised."""
    start = Barrier(len(deeds))

    def act(deed: Callable[[], T]) -> T:
        try:
            start.wait()
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        acting = [threads.submit(act, deed) for deed in deeds]
        return [future.result(seconds) for future in acting]
