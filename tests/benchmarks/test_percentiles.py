import pytest

from benchmarks.percentiles import milliseconds, percentile


def test_a_percentile_is_a_value_that_somebody_has_waited() -> None:
    waited = [float(number) for number in range(100, 0, -1)]

    assert [percentile(waited, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1, 50, 99, 100]


def test_of_few_values_the_last_percentile_is_the_worst() -> None:
    assert milliseconds([0.010, 0.900, 0.020], 0.99) == pytest.approx(900)


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)
