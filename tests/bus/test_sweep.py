"""What the sweep does beside ringing; that it finds work is shown with real workers in test_workers."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from celery.worker import state
from kombu import Connection, Consumer, Message, Queue

from shop.bus.sweep import AcknowledgementsLost, _must_have_a_free_hand


@dataclass
class Worker:
    """As much of Celery's consumer as is looked at, with a channel that hands out one message at a time."""

    task_consumer: Consumer


@pytest.fixture
def received() -> list[Message]:
    return []


@pytest.fixture
def worker(received: list[Message]) -> Iterator[Worker]:
    """One message is in hand, and no more may be taken until it is acknowledged."""
    with Connection("memory://") as connection, connection.channel() as channel:
        consumer = Consumer(channel, [Queue("bells")], on_message=received.append)
        consumer.qos(prefetch_count=1)
        consumer.consume()
        connection.Producer(channel).publish({}, routing_key="bells")
        connection.drain_events(timeout=1)
        yield Worker(consumer)


class Request:
    """Celery keeps what it has in hand in a set of weak references."""


def test_a_message_whose_task_is_in_hand_fills_the_hand(worker: Worker) -> None:
    request = Request()
    state.reserved_requests.add(request)

    _must_have_a_free_hand(worker)

    state.reserved_requests.discard(request)


def test_a_message_that_was_acknowledged_leaves_the_hand_free(worker: Worker, received: list[Message]) -> None:
    received[0].ack()

    _must_have_a_free_hand(worker)


def test_a_message_whose_acknowledgement_was_lost_breaks_the_connection_on_purpose(worker: Worker) -> None:
    with pytest.raises(AcknowledgementsLost):
        _must_have_a_free_hand(worker)


def test_celery_takes_the_loss_for_a_broken_connection_and_makes_a_new_one() -> None:
    assert issubclass(AcknowledgementsLost, Connection("redis://").connection_errors)
