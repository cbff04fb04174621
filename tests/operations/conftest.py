"""Figures as a scraper sees them."""

import time
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shop.operations import metrics
from tests.bus.conftest import own_declarations  # noqa: F401 - a fixture for these tests as well

Figure = Callable[..., float | None]


def figure_in(text: str, name: str, **labels: str) -> float | None:
    """The value of one sample; None if it is not there."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return float(sample.value)
    return None


@pytest.fixture
def figure(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Figure:
    """Scrapes anew each time, and tells one figure."""

    def figure(name: str, **labels: str) -> float | None:
        monkeypatch.setattr(metrics._figures, "_asked_at", time.monotonic() - 60)
        return figure_in(metrics.text().decode(), name, **labels)

    return figure
