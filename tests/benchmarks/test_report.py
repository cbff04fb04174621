from pathlib import Path

from benchmarks import picture, report
from benchmarks.budget import Figure, judged, skipped
from benchmarks.report import Results

_RESULTS = Results(
    conditions={"commit": "abc"},
    rows=[
        judged("complete orders", 300, layout="combined", reference=600),
        skipped("start to first order, fresh clone", "no network"),
    ],
    figures=[
        Figure(name="CPU of an order: web", layout="combined", value=1.5, unit="ms"),
        Figure(name="complete orders, 16 clients", layout="combined", value=300, unit="per s"),
        Figure(name="POST /orders, 16 clients, p50", layout="combined", value=40, unit="ms"),
        Figure(name="POST /orders, 16 clients, p99", layout="combined", value=90, unit="ms"),
    ],
)


def test_results_can_be_read_again_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "results.json"

    file.write_text(report.written(_RESULTS))

    assert report.read(file) == _RESULTS


def test_the_table_tells_what_a_figure_was_before_and_by_how_much_it_changed() -> None:
    earlier = Results(conditions={}, rows=[judged("complete orders", 150, layout="combined")], figures=[])

    told = report.table(_RESULTS, earlier)

    (row,) = [line for line in told.splitlines() if line.startswith("complete orders  ")]
    assert row.endswith("must   was 150, x 2.00")
    assert "skipped: no network" in told


def test_figures_of_another_layout_are_not_compared() -> None:
    earlier = Results(conditions={}, rows=[judged("complete orders", 150, layout="domains")], figures=[])

    assert "was" not in report.table(_RESULTS, earlier)


def test_the_picture_shows_throughput_beside_latency_and_whose_cpu_it_takes() -> None:
    drawn = picture.drawn(_RESULTS)

    assert drawn.count("<polyline") == 2
    assert "300/s, 90 ms" in drawn
    assert "web: 1.50" in drawn


def test_the_spread_of_several_runs_is_told_row_by_row() -> None:
    runs = [
        Results(conditions={}, rows=[judged("complete orders", rate, layout="combined")], figures=[])
        for rate in (300, 100, 220)
    ]

    (row,) = report.spread(runs).splitlines()[1:]

    assert row.split() == ["complete", "orders", "combined", "100", "220", "300"]
