"""Options for longer runs, a simulation per test, and how much was played in all."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.simulation.simulation import Simulation, simulation

SCHEDULES = 100
"""So many in a run of all tests."""

_PER_TEST = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("simulation")
    group.addoption("--seeds", type=int, default=SCHEDULES, help="how many schedules are played")
    group.addoption("--seed", type=int, default=0, help="the first of them")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The seeds are dealt to the files in turn, which may run in two processes."""
    if "seeds" not in metafunc.fixturenames:
        return
    config = metafunc.config
    many, first = int(config.getoption("seeds", SCHEDULES)), int(config.getoption("seed", 0))
    starts = range(first, first + many, _PER_TEST)
    mine = [start for number, start in enumerate(starts) if number % 2 == metafunc.module.PART]
    metafunc.parametrize("seeds", [range(start, min(start + _PER_TEST, first + many)) for start in mine], ids=str)


@pytest.fixture
def playing(transactional_db: None, record_property: Callable[[str, object], None]) -> Iterator[Simulation]:
    with simulation() as playing:
        yield playing
    record_property("simulation", {"schedules": playing.schedules, **playing.happened, "points": playing.points})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """With several processes the reports come together here."""
    total: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "teardown":
                total.update(dict(getattr(report, "user_properties", ())).get("simulation", {}))
    if total:
        terminalreporter.section("simulation")
        terminalreporter.line(", ".join(f"{count} {what}" for what, count in total.items()))
