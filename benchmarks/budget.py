"""What must be reached and what is aimed at, and the verdict on what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["aim", "must", "missed", "skipped"]


@dataclass(frozen=True)
class Bounds:
    """Of one row. What is less than its bound is good, unless `more` is."""

    unit: str
    must: float
    aim: float
    more: bool = False


BUDGET: Mapping[str, Bounds] = {
    "complete orders over the naive SQL limit": Bounds("x", 0.5, 0.9, more=True),
    "complete orders": Bounds("per s", 250, 500, more=True),
    "CPU of an order, all processes and servers": Bounds("ms", 6, 3.5),
    "POST /orders at 200/s, p50": Bounds("ms", 25, 12),
    "POST /orders at 200/s, p99": Bounds("ms", 120, 60),
    "placed to confirmed at 200/s, p50": Bounds("ms", 120, 80),
    "placed to confirmed at 200/s, p99": Bounds("ms", 400, 200),
    "placed to confirmed at 20/s, p50": Bounds("ms", 60, 40),
    "placed to confirmed at 20/s, p99": Bounds("ms", 150, 80),
    "GET an order, one client, p50": Bounds("ms", 5, 2.5),
    "GET an order, 8 clients": Bounds("per s", 400, 800, more=True),
    "memory of web and four workers (PSS)": Bounds("MiB", 600, 400),
    "throughput with years of history, over none": Bounds("x", 0.9, 1.0, more=True),
    "authorisations in flight per payments worker": Bounds("calls", 100, 500, more=True),
    "start to first order, fresh clone": Bounds("s", 60, 25),
    "start to first order, second start": Bounds("s", 8, 4),
    "sold too many or too few of 20 pieces, to 100 at once": Bounds("pieces", 0, 0),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table. A row is measured with one layout of the workers, or with any."""

    name: str
    layout: str
    value: float | None
    unit: str
    reference: float | None
    ratio: float | None
    must: float
    aim: float
    verdict: Verdict
    because: str = ""
    """Why it was skipped."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What is told beside the rows and has no budget: where the time goes, and what the parts can do alone."""

    name: str
    layout: str
    value: float
    unit: str


def judged(
    name: str, value: float, *, layout: str = "", reference: float | None = None, ratio: float | None = None
) -> Row:
    """A figure by its budget, beside what the reference reached in the same run."""
    bounds = BUDGET[name]
    return Row(
        name=name,
        layout=layout,
        value=value,
        unit=bounds.unit,
        reference=reference,
        ratio=ratio if ratio or not reference else value / reference,
        must=bounds.must,
        aim=bounds.aim,
        verdict=_verdict(bounds, value),
    )


def skipped(name: str, because: str) -> Row:
    bounds = BUDGET[name]
    return Row(
        name=name,
        layout="",
        value=None,
        unit=bounds.unit,
        reference=None,
        ratio=None,
        must=bounds.must,
        aim=bounds.aim,
        verdict="skipped",
        because=because,
    )


def _verdict(bounds: Bounds, value: float) -> Verdict:
    def reaches(bound: float) -> bool:
        return value >= bound if bounds.more else value <= bound

    if reaches(bounds.aim):
        return "aim"
    return "must" if reaches(bounds.must) else "missed"
