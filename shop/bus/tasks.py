"""The one Celery task. Its message is a bell: the work is in the database."""

import logging
import random
import time
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from shop.autonomous import says_something
from shop.bus import bells, calls, housekeeping, lanes
from shop.bus.batch import run_alone, run_together
from shop.bus.handlers import OUT, lanes_of
from shop.bus.lanes import Lane, LaneLost
from shop.bus.pace import Pace
from shop.celery import app

log = logging.getLogger(__name__)

_LONGEST_DRAIN = 10.0  # seconds; it rings for the rest
_TURN = 0.25  # seconds, where a worker serves several queues and each wants its turn

_paces: dict[str, Pace] = {}
_began: dict[str, float] = {}


@app.task(name="drain")
def drain(queue: str) -> None:
    """Do what is due in a queue, lane by lane; leaves alone what another drain has in hand."""
    _leave_dead_connection()  # first: one that died while idle must not break this and every later task
    _wait_for_company(queue)
    bells.clear(queue)  # before looking, so that what is committed from now on rings again
    several = len(app.amqp.queues.consume_from) > 1 and not queue.endswith(OUT)  # calls wait more than they work
    until = time.monotonic() + (_TURN if several else _LONGEST_DRAIN)
    try:
        housekeeping.keep_house()
        numbers = list(range(lanes_of(queue)))
        random.shuffle(numbers)  # several drains start at different lanes
        for number in numbers:
            _drain_lane(queue, number, until)
    except (OperationalError, InterfaceError, LaneLost) as error:
        log.warning("%s: the database is away: %s", queue, error)
    except MemoryError as error:
        raise SystemExit("no memory is left here") from error  # Celery would raise it anew in the parent, and end that
    if settings.PROGRESS_FILE:
        Path(settings.PROGRESS_FILE).touch()


def _leave_dead_connection() -> None:
    if connection.in_atomic_block:
        return  # it is somebody else's, who may roll back what is done
    close_old_connections()
    session = connection.connection
    if session and (session.closed or (says_something(session) and not connection.is_usable())):
        connection.close()


def _wait_for_company(queue: str) -> None:
    """Under load, let some work come together: a batch of one costs several times the CPU of its share in a batch.

    The flag is still up meanwhile, so nobody rings in vain. A queue that was quiet is drained at once.
    """
    time.sleep(max(0.0, _began.get(queue, 0.0) + settings.BUS_SPACING - time.monotonic()))
    _began[queue] = time.monotonic()


def _drain_lane(queue: str, number: int, until: float) -> None:
    pace = _paces.setdefault(queue, Pace())
    while True:
        looks = not queue.endswith(OUT) and time.monotonic() <= until
        with lanes.held(queue, number, limit=pace.size if looks else 0) as lane:
            if lane is None:
                return
            if queue.endswith(OUT):
                calls.drain(lane, until)
            else:
                _work(lane, pace, until)
        if not lane.more:
            return
        if time.monotonic() > until:
            bells.ring([queue])
            return


def _work(lane: Lane, pace: Pace, until: float) -> None:
    found = lane.found
    if lane.left_behind:
        log.warning("%s/%s: a drain died; its %s deliveries run alone", lane.queue, lane.number, len(lane.left_behind))
        run_alone(lane, lane.left_behind, until)
        found = lane.look(pace.size)
    while found:
        all_seen = len(found) < pace.size  # what has come since, leaving the lane will see
        if found.fresh:
            with pace.measured(len(found.fresh)):
                run_together(lane, found.fresh, until)
        if found.tried:
            run_alone(lane, found.tried, until)
        if all_seen or time.monotonic() > until:
            return
        before, found = found, lane.look(pace.size)
        if found == before:  # somebody else has locked all of it
            return
