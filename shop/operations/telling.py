"""The workers' report as people read it: a line for each queue, each lane that is held, and all that looks stuck."""

from collections.abc import Iterator

from shop.operations.workers import Report


def lines(report: Report) -> Iterator[str]:
    """The report for people."""
    yield f"{'queue':20} {'due':>6} {'oldest':>9} {'last visit':>12} {'last work':>21} {'dead letters':>13}"
    last_work = {count.queue: f"{count.at:%Y-%m-%d %H:%M:%S}" for count in sorted(report.counts, key=lambda c: c.at)}
    for backlog in report.backlogs:
        visit = (report.unvisited or {}).get(backlog.queue)
        yield (
            f"{backlog.queue:20} {backlog.due:6} {_seconds(backlog.age or None):>9} {_seconds(visit, ' ago'):>12}"
            f" {last_work.get(backlog.queue, '-'):>21} {report.dead_letters.get(backlog.queue, 0):13}"
        )
    for lane in report.lanes:
        if lane.pid or lane.in_hand:
            who = f"session {lane.pid} of {lane.host}" if lane.pid else "a drain that died"
            yield f"{lane.queue}/{lane.lane}: {who}, for {_seconds(lane.seconds)}, {lane.in_hand} in hand"
    for queue, (number, error) in report.held_back.items():
        yield f"{queue}: {number} wait for a dependency that is away: {error}"
    yield from (f"STUCK  {complaint}" for complaint in report.complaints)
    if not report.complaints:
        yield "Nothing is stuck."


def _seconds(seconds: float | None, ending: str = "") -> str:
    return "-" if seconds is None else f"{seconds:.1f} s{ending}"
