import pytest

from benchmarks.budget import judged, skipped


@pytest.mark.parametrize(("milliseconds", "verdict"), [(3.5, "aim"), (3.6, "must"), (6, "must"), (6.1, "missed")])
def test_what_costs_less_is_better(milliseconds: float, verdict: str) -> None:
    assert judged("CPU of an order, all processes and servers", milliseconds).verdict == verdict


@pytest.mark.parametrize(("orders", "verdict"), [(500, "aim"), (499, "must"), (250, "must"), (249, "missed")])
def test_what_is_done_more_often_is_better(orders: float, verdict: str) -> None:
    assert judged("complete orders", orders).verdict == verdict


def test_a_row_tells_its_ratio_to_the_reference_of_the_same_run() -> None:
    row = judged("complete orders", 300, layout="combined", reference=600)

    assert (row.reference, row.ratio, row.layout) == (600, 0.5, "combined")


def test_a_row_that_cannot_be_measured_says_why_and_fails_nobody() -> None:
    row = skipped("start to first order, fresh clone", "no network")

    assert (row.verdict, row.value, row.because) == ("skipped", None, "no network")
