"""Alerts and dashboard speak of figures that there are, and every alert has its runbook."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from shop.bus import bells
from shop.bus.models import Tally
from shop.clock import shop_now
from shop.operations import metrics, requests
from tests.deploy.manifests import DEPLOY, ROOT

ALERTS = DEPLOY / "prometheus" / "alerts.yaml"
DASHBOARD = DEPLOY / "grafana" / "shop.json"


@pytest.fixture
def scraped(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """All that `/metrics` may show, with a sample of each."""
    requests._requests.labels("GET", "none", "2xx").inc()
    requests._seconds.labels("GET", "none").observe(0.01)
    bells.clear("orders")
    Tally.objects.create(handler="inventory.reserve_stock", lane=0, handled=1, at=shop_now())
    monkeypatch.setattr(metrics._figures, "_asked_at", -60.0)
    return metrics.text().decode()


def _figures_in(text: str) -> set[str]:
    return set(re.findall(r"\bshop_[a-z_]+", text))


@pytest.mark.parametrize("file", [ALERTS, DASHBOARD, DEPLOY / "helm" / "shop" / "templates" / "workers.yaml"])
def test_every_figure_that_somebody_looks_at_is_there(file: Path, scraped: str) -> None:
    pools = {"shop_pool_connections", "shop_pool_waiting", "shop_pool_timeouts_total"}  # tests have no pool
    looked_at = _figures_in(file.read_text())

    assert looked_at
    assert looked_at - pools <= set(re.findall(r"^(shop_\w+)", scraped, re.MULTILINE))


def test_every_alert_has_its_runbook() -> None:
    alerts = [rule["alert"] for rule in yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]]
    operations = (ROOT / "docs" / "operations.md").read_text()

    assert [alert for alert in alerts if f"### {alert}\n" not in operations] == []


def test_the_dashboard_asks_its_data_source_in_every_panel() -> None:
    panels = [each for each in json.loads(DASHBOARD.read_text())["panels"] if each["type"] != "row"]

    assert len(panels) > 10
    assert all(panel["datasource"]["uid"] == "${datasource}" and panel["targets"] for panel in panels)
    assert len({panel["id"] for panel in panels}) == len(panels)


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if not found:
        pytest.skip("promtool is not installed (Debian's package prometheus has it)")
    return found


def test_prometheus_understands_the_alerts_and_they_fire_when_they_should(promtool: str) -> None:
    subprocess.run([promtool, "check", "rules", str(ALERTS)], check=True, capture_output=True)
    subprocess.run(
        [promtool, "test", "rules", str(ALERTS.with_name("alerts.test.yaml"))], check=True, capture_output=True
    )


def test_prometheus_understands_what_is_scraped(promtool: str, scraped: str) -> None:
    checked = subprocess.run([promtool, "check", "metrics"], input=scraped, text=True, check=False, capture_output=True)

    complaints = [line for line in checked.stderr.splitlines() if line.startswith("shop_")]
    assert (checked.returncode, complaints) == (0, [])
