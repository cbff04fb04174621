"""`python -m tests.chaos`: a storm of CHAOS_SECONDS (300) by the seed CHAOS_SEED; exit 1 if anything went wrong.

CHAOS_KINDS names the faults to draw from, separated by commas, and CHAOS_MUTANT what to plant in the stack.
WORKERS=combined runs one worker for all queues instead of one per domain.
"""

import os
import random
import signal
import sys
import time

from tests.chaos.faults import faults
from tests.chaos.report import table
from tests.chaos.storm import Plan, blow, staged

_LONG = 200.0  # seconds of storm; then transactions stay open for minutes
_FIRST = time.monotonic()


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us stops the stack
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    seconds = float(os.environ.get("CHAOS_SECONDS", "300"))
    names = os.environ.get("CHAOS_KINDS")
    plan = Plan(
        seed=seed,
        seconds=seconds,
        customers=int(os.environ.get("CHAOS_CUSTOMERS", "16")),
        pause=float(os.environ.get("CHAOS_PAUSE", "0")),
        longest=100.0 if seconds >= _LONG else 20.0,
        kinds=[faults[name.strip()] for name in names.split(",")] if names else tuple(faults.values()),
        environment={name: os.environ[name] for name in ("WORKERS", "CHAOS_MUTANT") if name in os.environ},
    )
    say(f"CHAOS_SEED={seed}: starting the stack")
    with staged(plan, say) as stage:
        outcome = blow(plan, stage, say)
    print(f"\n{table(outcome)}\n")
    if outcome.is_well:
        stage.discard()
        return 0
    for finding in outcome.findings:
        print(finding)
    print(*outcome.stories, outcome.doctor, f"Everything is kept in {stage.folder} and {stage.home.state}.", sep="\n\n")
    return 1


def say(line: str) -> None:
    print(f"{time.monotonic() - _FIRST:7.1f} s  {line}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
