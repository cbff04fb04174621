"""How much memory a worker's process may have: who wants more is refused it, before the machine has none left."""

import resource
import threading

from django.conf import settings

from shop.bus.handlers import slots_of
from shop.celery import app

_MIB = 1024**2
_STACK = _MIB // 2  # of a thread; by default a stack is 8 MiB of what is limited here, and 16 KiB of it are touched


def limit() -> None:
    """For this process, from now on. The threads that calls are made in do not count, for they may be many."""
    if not settings.WORKER_MEMORY:
        return
    threading.stack_size(_STACK)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = settings.WORKER_MEMORY * _MIB + _STACK * max(map(slots_of, app.amqp.queues.consume_from))
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))
