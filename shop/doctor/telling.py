"""What was found and done, as people read it and as machines do."""

from collections.abc import Iterator, Sequence
from typing import Any

from shop.doctor.examination import SHOWN, Finding
from shop.doctor.invariant import Row
from shop.doctor.repairing import Treatment

_DONE = {"mended": "mended", "gone": "nothing to do any more", "left": "left as it is"}


def lines(finding: Finding) -> Iterator[str]:
    """A finding: what holds or does not, who breaks it, and what to do."""
    yield f"{_standing(finding):7} {finding.app}: {finding.invariant.claim}"
    if finding.not_asked:
        yield f"        Not asked: {finding.not_asked}."
    for row in finding.broken:
        yield f"        - {_shown(row)}"
    if finding.broken:
        yield from _advice(finding)


def lines_of(treatment: Treatment, *, dry_run: bool) -> Iterator[str]:
    """A finding, and what became of each who broke it."""
    finding = treatment.finding
    if treatment.outcomes is None:
        yield from lines(finding)
        return
    yield f"{_standing(finding):7} {finding.app}: {finding.invariant.claim}"
    for outcome in treatment.outcomes:
        how = "would be mended" if dry_run and outcome.how == "mended" else _DONE[outcome.how]
        yield f"        - {_shown(outcome.row)}: {how}{f' ({outcome.why})' if outcome.why else ''}"
    if any(outcome.how == "left" for outcome in treatment.outcomes):
        yield f"        What to do: {finding.invariant.remedy}"


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding for machines; `holds` is null where it could not be asked."""
    repair = finding.invariant.repair
    return {
        "app": finding.app,
        "claim": finding.invariant.claim,
        "holds": None if finding.not_asked else not finding.broken,
        "not_asked": finding.not_asked,
        "broken": finding.broken,
        "remedy": finding.invariant.remedy,
        "repair": repair.deed if repair else "",
    }


def summary(findings: Sequence[Finding], *, days: float) -> str:
    """How it stands, in a sentence."""
    broken = sum(bool(finding.broken) for finding in findings)
    unknown = sum(bool(finding.not_asked) for finding in findings)
    if broken:
        return f"{broken} of {len(findings)} do not hold"
    which = f"All {len(findings) - unknown} that could be asked hold" if unknown else f"All {len(findings)} hold"
    return f"{which}; of events those of the last {days:g} days were looked at."


def _standing(finding: Finding) -> str:
    return "unknown" if finding.not_asked else "BROKEN" if finding.broken else "ok"


def _advice(finding: Finding) -> Iterator[str]:
    if len(finding.broken) == SHOWN:
        yield f"        These are the first {SHOWN}."
    yield f"        What to do: {finding.invariant.remedy}"
    if finding.invariant.repair:
        yield f"        With --repair: {finding.invariant.repair.deed}"


def _shown(row: Row) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items())
