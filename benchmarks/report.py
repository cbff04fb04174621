"""The results as JSON, as a table, and beside earlier ones."""

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.budget import Figure, Row

_WHOLE = 100  # from here on all digits before the point are told, and none behind it


@dataclass(frozen=True, kw_only=True)
class Results:
    """All that a run has found."""

    conditions: dict[str, Any]
    rows: Sequence[Row]
    figures: Sequence[Figure]


def written(results: Results) -> str:
    return json.dumps(asdict(results), indent=1)


def read(file: Path) -> Results:
    told = json.loads(file.read_text())
    return Results(
        conditions=told["conditions"],
        rows=[Row(**row) for row in told["rows"]],
        figures=[Figure(**figure) for figure in told["figures"]],
    )


def table(results: Results, earlier: Results | None = None) -> str:
    """For a terminal; with earlier results each figure has what it was, and the ratio."""
    return "\n".join([*_conditions(results), "", *_rows(results, earlier), "", *_figures(results, earlier)])


def _conditions(results: Results) -> Iterator[str]:
    for name, value in results.conditions.items():
        yield f"{name:<10} {value}"


def _rows(results: Results, earlier: Results | None) -> Iterator[str]:
    yield f"{'':<58}{'layout':<10}{'value':>9} {'':<7}{'reference':>10}{'ratio':>7}{'must':>7}{'aim':>7}  verdict"
    known = _known(earlier)
    for row in results.rows:
        measured = f"{_number(row.value):>9} {row.unit:<7}{_number(row.reference):>10}{_number(row.ratio):>7}"
        bounds = f"{_number(row.must):>7}{_number(row.aim):>7}"
        said = (
            f"{row.verdict}{_change(row.value, known.get((row.name, row.layout)))}{row.because and ': ' + row.because}"
        )
        yield f"{row.name:<58}{row.layout:<10}{measured}{bounds}  {said}"


def _figures(results: Results, earlier: Results | None) -> Iterator[str]:
    known = _known(earlier)
    for figure in results.figures:
        change = _change(figure.value, known.get((figure.name, figure.layout)))
        yield f"{figure.name:<58}{figure.layout:<10}{_number(figure.value):>9} {figure.unit}{change}"


def spread(several: Sequence[Results]) -> str:
    """The least, the median and the most of each row and figure over several runs."""
    known = [_known(results) for results in several]
    lines = [f"{'':<58}{'layout':<10}{'least':>9}{'median':>9}{'most':>9}"]
    for name, layout in dict.fromkeys(key for each in known for key in each):
        values = [each[name, layout] for each in known if (name, layout) in each]
        told = "".join(f"{_number(value):>9}" for value in (min(values), statistics.median(values), max(values)))
        lines.append(f"{name:<58}{layout:<10}{told}")
    return "\n".join(lines)


def _known(earlier: Results | None) -> dict[tuple[str, str], float]:
    told: list[Row | Figure] = [*earlier.rows, *earlier.figures] if earlier else []
    return {(each.name, each.layout): each.value for each in told if each.value is not None}


def _change(now: float | None, before: float | None) -> str:
    return f"   was {_number(before)}, x {now / before:.2f}" if now and before else ""


def _number(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= _WHOLE else f"{value:.3g}"
