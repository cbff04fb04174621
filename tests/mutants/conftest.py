"""How mutants are looked for: from a noted seed, or with `--hunt` from the first one on, as long as it takes."""

from collections.abc import Iterator

import pytest

from tests.simulation.conftest import playing  # noqa: F401 - asked for by name


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "look for each mutant from seed 0 on, and tell how long that took"
    parser.getgroup("mutants").addoption("--hunt", action="store_true", default=False, help=told)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each mutant that was caught."""
    lines = list(_caught(terminalreporter))
    if lines:
        terminalreporter.section("mutants")
        for line in lines:
            terminalreporter.line(line)


def _caught(terminalreporter: pytest.TerminalReporter) -> Iterator[str]:
    for report in terminalreporter.stats.get("passed", ()):
        caught = dict(report.user_properties).get("mutant")
        if caught:
            yield caught
