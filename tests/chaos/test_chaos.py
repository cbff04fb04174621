"""The short form of the storm, with few customers, so that others can work on the same machine.

`python -m tests.chaos` is the long one.
"""

import os
from collections.abc import Iterator

import pytest

from tests.chaos import report
from tests.chaos.faults import faults
from tests.chaos.stage import Stage
from tests.chaos.storm import Plan, blow, staged

_SECONDS = 30.0
_ORDERS, _KINDS = 25, 6
"""So many at least, or the storm has shown nothing."""

_TOO_LONG = {"supervisor killed"}
"""Starting the whole stack again would take a third of the time; the long form does it."""


@pytest.fixture
def plan() -> Plan:
    return Plan(
        seed=int(os.environ.get("CHAOS_SEED", "5")),
        seconds=_SECONDS,
        customers=3,
        pause=0.2,
        rests=(0.3, 2.0),
        most_open=40,
        kinds=[fault for name, fault in faults.items() if name not in _TOO_LONG],
        environment={"WORKERS": "combined"},
    )


@pytest.fixture
def stage(plan: Plan) -> Iterator[Stage]:
    with staged(plan, print) as stage:
        yield stage
    stage.discard()


def test_in_a_storm_of_faults_nothing_is_lost_and_nothing_happens_twice(plan: Plan, stage: Stage) -> None:
    outcome = blow(plan, stage, print)

    print(report.table(outcome))
    assert outcome.findings == [], "\n\n".join(outcome.stories)
    assert outcome.doctor_is_content, outcome.doctor
    assert outcome.is_well, report.table(outcome)
    assert sum(debt.accepted for debt in outcome.debts.values()) >= _ORDERS
    assert len(outcome.struck) >= _KINDS
