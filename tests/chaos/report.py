"""One table of what a storm has shown."""

import os
from collections.abc import Iterator

from tests.chaos.storm import Outcome

_WIDTH = 44


def table(outcome: Outcome) -> str:
    """Plain text, for a terminal and for the documents."""
    return "\n".join(_lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    plan, debts = outcome.plan, outcome.debts.values()
    yield _row("seed", plan.seed)
    yield _row("seconds of storm", f"{plan.seconds:.0f}")
    load = " ".join(f"{each:.1f}" for each in outcome.load)
    workers = plan.environment.get("WORKERS", "one per domain")
    yield _row("conditions", f"{os.cpu_count()} cores, load {load}, workers: {workers}, fsync on")
    yield from ("", _row("faults", f"{sum(outcome.struck.values())} of {len(outcome.struck)} kinds"))
    for name, count in sorted(outcome.struck.items()):
        recovery = outcome.recoveries.get(name)
        yield _row(f"  {name}", f"{count:<4}{f' worst recovery {recovery:5.1f} s' if recovery else ''}".rstrip())
    yield from ("", _row("orders sent", len(debts)))
    for reason, count in sorted(outcome.again.items()):
        yield _row(f"  asked again after {reason}", count)
    yield _row("  slowest answer, seconds", f"{outcome.slowest:.1f}")
    yield _row("orders accepted", sum(debt.accepted for debt in debts))
    for ending, count in sorted(outcome.endings.items()):
        yield _row(f"  {ending}", count)
    yield ""
    yield _row("lost", sum(finding.what == "lost" for finding in outcome.findings))
    yield _row("doubled", sum(finding.what == "doubled" for finding in outcome.findings))
    yield _row("otherwise wrong", sum(finding.what == "wrong" for finding in outcome.findings))
    yield _row("audits in the storm", outcome.looks)
    yield _row("oldest due work in the storm", f"{outcome.oldest[0]:.1f} s ({outcome.oldest[1]})")
    yield _row("seconds to catch up after the last healing", f"{outcome.seconds_to_catch_up:.1f}")
    yield _row("seconds to rest", f"{outcome.seconds_to_rest:.1f}")
    yield _row("doctor", outcome.doctor.strip().splitlines()[-1])


def _row(name: str, value: object) -> str:
    return f"{name:<{_WIDTH}}{value}"
