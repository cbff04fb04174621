"""What the bus writes into the log: what each handler did, in the context of what it did it for."""

import logging
from collections.abc import Iterator, Sequence

import pytest

from shop.bus import Context, Outside, at_work, subscribe, within
from shop.bus.models import Event as Logged
from shop.bus.tasks import drain
from tests.bus.facts import LampLit, light

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "test_lines"


class Listener(logging.Handler):
    """Keeps each line with the contexts that it was said in."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, Sequence[Context]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append((record.getMessage(), at_work()))


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener, log = Listener(), logging.getLogger("shop.bus")
    log.addHandler(listener)
    yield listener
    log.removeHandler(listener)


def test_each_handler_tells_how_many_events_it_heard_and_which(listener: Listener) -> None:
    @subscribe(LampLit, many=True)
    def count(events: Sequence[LampLit]) -> None: ...

    light(1, lamp="a")
    light(2, lamp="b")
    drain.run(QUEUE)

    ((message, contexts),) = listener.heard
    assert message.startswith("test_lines.count heard 2 events in ")
    assert {context.causation for context in contexts} == {str(event.pk) for event in Logged.objects.all()}


def test_a_failure_is_told_in_the_context_of_its_event(listener: Listener) -> None:
    @subscribe(LampLit, attempts=1)
    def fail(event: LampLit) -> None:
        raise RuntimeError("no match")

    with within(Context("request", "request", "user:1", "")):
        light(1)
    drain.run(QUEUE)

    told = [contexts for message, contexts in listener.heard if "is a dead letter after 1 attempts" in message]
    event = Logged.objects.get(type="lamp.lit")
    assert told == [[Context("request", str(event.pk), "user:1", "")]]


def test_a_call_is_told_in_the_context_of_its_event(listener: Listener) -> None:
    @subscribe(LampLit, outside=True)
    class Ring(Outside[LampLit, int, None]):
        def prepare(self, events: Sequence[LampLit]) -> Sequence[int]:
            return [event.number for event in events]

        def call(self, intent: int) -> None: ...

        def settle(self, answers: Sequence[object]) -> None: ...

    light(1)
    drain.run(f"{QUEUE}.out")

    ((message, contexts),) = listener.heard
    assert message.startswith("test_lines.ring heard 1 event in ")
    assert [context.causation for context in contexts] == [str(Logged.objects.get().pk)]


def test_outside_of_everything_nothing_is_at_work() -> None:
    assert at_work() == []
