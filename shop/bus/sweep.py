"""The sweep: each worker's main loop rings its own queues every two seconds, whether there is news or not.

So a lost bell costs seconds, any one living worker is enough, and no scheduler is needed.
"""

from typing import Any

from celery import bootsteps
from django.conf import settings

from shop.bus import bells


class Sweep(bootsteps.StartStopStep):
    """A timer in the worker's main loop: no thread, and no database connection there."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:  # Celery's consumer is not typed
        super().__init__(consumer, **kwargs)
        self.timer: Any = None

    def start(self, consumer: Any) -> None:
        queues = list(consumer.app.amqp.queues.consume_from)
        self.timer = consumer.timer.call_repeatedly(settings.BUS_SWEEP_SECONDS, bells.ring_now, (queues,))
        bells.ring_now(queues)

    def stop(self, consumer: Any) -> None:  # noqa: ARG002 - Celery's signature
        if self.timer:
            self.timer.cancel()
            self.timer = None
