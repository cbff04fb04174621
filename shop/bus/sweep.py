"""The sweep: each worker's main loop rings its own queues every two seconds, whether there is news or not.

So a lost bell costs seconds, any one living worker is enough, and no scheduler is needed. It looks after its children
too: Celery looks once when a child's pipe closes, often before the child can be buried, and then not for five seconds.
And it looks after the connection: acknowledgements that were lost with Redis count as messages in hand for ever, and
a worker that seems to have its hands full takes no more, in silence.
"""

from typing import Any

from celery import bootsteps
from celery.worker import state
from django.conf import settings

from shop.bus import bells

_CHILDREN = 0.5  # seconds between looks after the children


class Sweep(bootsteps.StartStopStep):
    """Timers in the worker's main loop: no thread, and no database connection there."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:  # Celery's consumer is not typed
        super().__init__(consumer, **kwargs)
        self.timers: list[Any] = []

    def start(self, consumer: Any) -> None:
        queues = list(consumer.app.amqp.queues.consume_from)
        self.timers = [
            consumer.timer.call_repeatedly(settings.BUS_SWEEP_SECONDS, bells.ring_now, (queues,)),
            consumer.timer.call_repeatedly(settings.BUS_SWEEP_SECONDS, _must_have_a_free_hand, (consumer,)),
            consumer.timer.call_repeatedly(_CHILDREN, consumer.pool.maintain_pool),
        ]
        bells.ring_now(queues)

    def stop(self, consumer: Any) -> None:  # noqa: ARG002 - Celery's signature
        for timer in self.timers:
            timer.cancel()
        self.timers = []


class AcknowledgementsLost(ConnectionError):
    """Nothing is in hand, and yet no more may be taken: only a new connection helps, and Celery makes one for this."""


def _must_have_a_free_hand(consumer: Any) -> None:
    if not state.reserved_requests and not consumer.task_consumer.channel.qos.can_consume():
        raise AcknowledgementsLost(AcknowledgementsLost.__doc__)
