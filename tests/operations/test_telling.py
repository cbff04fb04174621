"""The workers' report, as people read it."""

from shop.bus.reading import Backlog, Held
from shop.operations.telling import lines
from shop.operations.workers import Report


def test_each_queue_has_its_line_and_then_comes_what_is_not_as_usual() -> None:
    report = Report(
        backlogs=[Backlog("orders", 0, 0.0), Backlog("payments.out", 12, 75.3)],
        lanes=[Held("payments.out", 0, 8, 68.1, 4711, "10.0.0.7"), Held("orders", 0, 3, 2.0, None, "")],
        unvisited={"orders": 1.2, "payments.out": 0.4},
        held_back={"payments.out": (4, "Unavailable: no answer")},
        dead_letters={"orders": 2},
    )

    _, orders, payments, *rest = lines(report)

    assert orders.split() == ["orders", "0", "-", "1.2", "s", "ago", "-", "2"]
    assert payments.split() == ["payments.out", "12", "75.3", "s", "0.4", "s", "ago", "-", "0"]
    assert rest == [
        "payments.out/0: session 4711 of 10.0.0.7, for 68.1 s, 8 in hand",
        "orders/0: a drain that died, for 2.0 s, 3 in hand",
        "payments.out: 4 wait for a dependency that is away: Unavailable: no answer",
        "STUCK  payments.out: 12 due, the oldest for 75 s",
        "STUCK  payments.out/0: session 4711 of 10.0.0.7 has had it for 68 s, with 8 in hand",
    ]
