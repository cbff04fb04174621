"""`celery -A benchmarks.limits.nothing worker`: a task that does nothing, set up as the shop's own is."""

import os

from celery import Celery

app = Celery("nothing", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    task_default_queue="nothing",
    broker_connection_retry_on_startup=True,
)


@app.task(name="nothing")
def nothing() -> None:
    """The message is all."""
