"""Who began this, and what caused it: carried from the request through every event that follows."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7


@dataclass(frozen=True, slots=True)
class Context:
    """`correlation` is the request that began the story, `causation` the event or request just before."""

    correlation: str
    causation: str
    actor: str = "system"
    traceparent: str = ""


_causes: ContextVar[Mapping[str, Context]] = ContextVar("causes")
_context: ContextVar[Context] = ContextVar("context")


def current(key: str = "") -> Context:
    """The context that an event with this partition key is caused in; a fresh one outside requests and handlers.

    A handler that takes many events has many causes: the one of the same order is meant.
    """
    cause = _causes.get({}).get(key)
    return cause or _context.get(None) or _fresh()


def at_work() -> Sequence[Context]:
    """The contexts that this thread is in: none, one, or in a batch as many as there are partition keys."""
    causes = _causes.get({})
    if causes:
        return list(causes.values())
    context = _context.get(None)
    return [context] if context else []


@contextmanager
def within(context: Context, causes: Mapping[str, Context] | None = None) -> Iterator[None]:
    """Work inside belongs to this context, or to the cause with its partition key where several are given."""
    before = _context.set(context)
    causes_before = _causes.set(causes or {})
    try:
        yield
    finally:
        _causes.reset(causes_before)
        _context.reset(before)


def act_as(actor: str) -> None:
    """Name who is acting, once that is known; it holds until the context ends.

    Raises `LookupError` outside of any context: the name would stick to whatever this thread does next.
    """
    now = _context.get()
    _context.set(Context(now.correlation, now.causation, actor, now.traceparent))


def of_event(event_id: UUID, correlation: str, actor: str, traceparent: str) -> Context:
    """The context in which an event is handled: what follows was caused by it."""
    return Context(correlation=correlation, causation=str(event_id), actor=actor, traceparent=traceparent)


def _fresh() -> Context:
    began = str(uuid7())
    return Context(correlation=began, causation=began)
