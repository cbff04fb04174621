"""Where spans begin and end, for whoever makes traces. Without anybody nothing happens here and nothing is imported."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from shop.bus.context import Context


class Tracer(Protocol):
    """Makes spans, and lets what happens in one belong to it."""

    def spans(self, name: str, contexts: Sequence[Context]) -> AbstractContextManager[Sequence[Context]]:
        """A span in the trace of each context; yields those contexts as they are inside of their spans."""
        ...

    def describe(self, name: str, **facts: str | int) -> None:
        """Give the innermost span its name at last, and facts."""
        ...


_tracer: Tracer | None = None


def trace_with(tracer: Tracer | None) -> None:
    """From now on this process traces; or no more."""
    global _tracer  # noqa: PLW0603 - one per process
    _tracer = tracer


def spans(name: str, contexts: Sequence[Context]) -> AbstractContextManager[Sequence[Context]]:
    """What happens inside is told as a span in the trace of each of these contexts, if anybody wants to know."""
    return nullcontext(contexts) if _tracer is None else _tracer.spans(name, contexts)


def describe(name: str, **facts: str | int) -> None:
    """Say what the innermost span turned out to be."""
    if _tracer is not None:
        _tracer.describe(name, **facts)
