"""Who reacts to what. A subscription is checked when it is declared: a mistake is an import error."""

import inspect
import re
import typing
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings

from shop.bus import upcasters
from shop.bus.event import Event, events
from shop.bus.outside import Outside

E = TypeVar("E", bound=Event)
Subscriber = TypeVar("Subscriber", bound=Callable[..., Any])
Lock = Callable[[Sequence[Event]], None]


class BadHandler(TypeError):
    """This handler cannot be subscribed so."""


_NAME = re.compile(r"\w+\.\w+")

OUT = ".out"
"""What the queue of a domain's outside handlers ends in."""


@dataclass(frozen=True, slots=True)
class Handler:
    """One subscription. Either `run` is set, which takes a sequence of events in every case, or `outside`."""

    name: str
    event: type[Event]
    queue: str
    after: timedelta
    attempts: int
    repeatable: bool
    one_by_one: bool
    run: Callable[[Sequence[Event]], None] | None = None
    outside: Outside[Any, Any, Any] | None = None

    @property
    def kind(self) -> str:
        return "outside" if self.outside else "one by one" if self.one_by_one else "many"

    @property
    def outward(self) -> Outside[Any, Any, Any]:
        """What it calls the outside world with."""
        if self.outside is None:
            raise TypeError(f"{self.name} is no outside handler, and yet in {self.queue}")
        return self.outside


handlers: dict[str, Handler] = {}
_by_event: dict[str, list[Handler]] = {}
_locks: dict[str, Lock] = {}


def subscribe(
    event: type[Event],
    *,
    many: bool = False,
    outside: bool = False,
    after: timedelta = timedelta(0),
    attempts: int | None = None,
    repeatable: bool = False,
    name: str | None = None,
) -> Callable[[Subscriber], Subscriber]:
    """Make the decorated function react to an event, in the workers of the domain that it is declared in.

    - by default it takes one event; with `many=True` a sequence of them, in one transaction;
    - with `outside=True` the decorated thing is an `Outside` class, run from the queue `<domain>.out`;
    - `after` is how long after the event it runs: the only timer there is;
    - `attempts` is how often it is tried before it is a dead letter (`BUS_ATTEMPTS` unless given);
    - `repeatable=True` says that a deliberate replay may run it a second time;
    - `name` is what deliveries and receipts call it, where it is no longer that of the function: `domain.its_old_name`.

    It hears the newest version: events told in an older one are brought to it. Raises `BadHandler` when the name is
    taken, there is a newer version, or the parameter is not annotated with the event.
    """

    def register(subscriber: Subscriber) -> Subscriber:
        domain = subscriber.__module__.removesuffix(".handlers").rpartition(".")[2]
        called = name if name is not None else f"{domain}.{_snake(subscriber.__name__)}"
        _check_name(called)
        _check_version(called, event)
        handler = Handler(
            name=called,
            event=event,
            queue=domain + OUT if outside else domain,
            after=after,
            attempts=attempts or settings.BUS_ATTEMPTS,
            repeatable=repeatable,
            one_by_one=not (many or outside),
            run=None if outside else _runner(called, subscriber, event, many=many),
            outside=_outside(called, subscriber, event) if outside else None,
        )
        handlers[called] = handler
        _by_event.setdefault(event.name, []).append(handler)
        return subscriber

    return register


def locks(function: Lock) -> Lock:
    """Declare which rows the domain's handlers share with others; the bus calls this once, before a batch.

    The function takes the events of the batch and locks those rows in one sorted statement, so that two
    transactions never hold what the other wants.
    """
    domain = function.__module__.removesuffix(".handlers").rpartition(".")[2]
    if domain in _locks:
        raise BadHandler(f"{domain} declares its locks twice")
    _locks[domain] = function
    return function


def handlers_of(event: type[Event]) -> Sequence[Handler]:
    """All who react to an event, whichever version of it they know."""
    return _by_event.get(event.name, ())


def take_locks(queue: str, events: Sequence[Event]) -> None:
    """Lock the rows that the handlers of this queue share with others, if it has declared any."""
    if queue in _locks:
        _locks[queue](events)


def queues() -> Iterable[str]:
    """Every queue that a handler is subscribed from."""
    return sorted({handler.queue for handler in handlers.values()})


def lanes_of(queue: str) -> int:
    """How many drains may work on the queue at once."""
    return int(settings.BUS_LANES.get(queue, 1))


def lane_of(queue: str, key: str) -> int:
    """The lane of a partition key: what belongs together is drained by one process at a time."""
    return zlib.crc32(key.encode()) % lanes_of(queue)


def attempts_of(name: str) -> int:
    """How often a handler's deliveries are tried, whether it is known here or not."""
    return handlers[name].attempts if name in handlers else int(settings.BUS_ATTEMPTS)


def slots_of(queue: str) -> int:
    """How many calls one worker may have in flight for an `.out` queue."""
    return int(settings.BUS_SLOTS.get(queue, 32))


def _runner(name: str, function: Callable[..., Any], event: type[Event], *, many: bool) -> Callable[..., None]:
    wanted: Any = Sequence[event] if many else event  # type: ignore[valid-type]  # the annotation looked for
    _check_annotation(name, function, wanted)
    if many:
        return function

    def run(events: Sequence[Event]) -> None:
        for each in events:
            function(each)

    return run


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BadHandler(f"{name!r} is not of the form domain.handler")
    if name in handlers:
        raise BadHandler(f"{name} is subscribed already; a handler reacts to one event")


def _check_version(name: str, event: type[Event]) -> None:
    if (event.name, event.version + 1) in events:
        raise BadHandler(f"{name} must hear the newest version of {event.name}; older events are brought to it")
    upcasters.check(event)


def _check_annotation(name: str, function: Callable[..., Any], wanted: Any) -> None:
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters)
    if len(parameters) != 1 or hints.get(parameters[0]) != wanted or hints.get("return") is not type(None):
        shown = getattr(wanted, "__name__", None) if isinstance(wanted, type) else wanted
        raise BadHandler(f"{name} must take one parameter annotated {shown} and return None")


def _outside(name: str, cls: Any, event: type[Event]) -> Outside[Any, Any, Any]:
    if not (inspect.isclass(cls) and issubclass(cls, Outside)):
        raise BadHandler(f"{name} must be a class derived from Outside")
    heard = [typing.get_args(base)[:1] for base in getattr(cls, "__orig_bases__", ())]
    if (event,) not in heard:
        raise BadHandler(f"{name} must be derived from Outside[{event.__name__}, ...]")
    return cls()


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
