"""What looks stuck, told in sentences."""

from shop.bus.reading import Backlog, Held
from shop.operations.workers import Report, look


def report(**found: object) -> Report:
    """One queue that is well, but for what is given."""
    well = {
        "backlogs": [Backlog("orders", 0, 0.0)],
        "lanes": [Held("orders", 0, 0, None, None, "")],
        "unvisited": {"orders": 1.5},
    }
    return Report(**(well | found))  # type: ignore[arg-type]  # each test gives what the field wants


def test_work_that_is_done_soon_is_no_reason_to_complain() -> None:
    busy = report(backlogs=[Backlog("orders", 5000, 59.0)], lanes=[Held("orders", 0, 500, 2.0, 71, "10.0.0.7")])

    assert busy.complaints == []


def test_work_that_is_due_for_long_is_stuck() -> None:
    assert report(backlogs=[Backlog("orders", 12, 75.4)]).complaints == ["orders: 12 due, the oldest for 75 s"]


def test_a_queue_that_nobody_visits_is_stuck_before_there_is_work() -> None:
    assert report(unvisited={"orders": 75.4}).complaints == ["orders: no worker has looked after it for 75 s"]
    assert report(unvisited={}).complaints == ["orders: no worker has ever looked after it, or not for a day"]


def test_without_redis_it_is_said_that_nobody_is_rung() -> None:
    assert report(unvisited=None).complaints == ["Redis does not answer: nobody is rung, and nobody works"]


def test_a_lane_that_a_frozen_worker_holds_is_named_with_its_session() -> None:
    frozen = report(lanes=[Held("orders", 1, 8, 75.4, 71, "10.0.0.7")])

    assert frozen.complaints == ["orders/1: session 71 of 10.0.0.7 has had it for 75 s, with 8 in hand"]


def test_what_a_dead_drain_left_is_named_when_nobody_takes_it_up() -> None:
    left = report(lanes=[Held("orders", 0, 8, 75.4, None, "")])

    assert left.complaints == ["orders/0: a drain died 75 s ago, with 8 in hand"]


def test_a_look_sees_every_queue_of_the_shop(transactional_db: None) -> None:
    queues = {backlog.queue for backlog in look().backlogs}

    assert queues >= {"orders", "payments", "payments.out", "inventory", "notifications", "notifications.out"}
