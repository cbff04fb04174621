"""The files of `deploy/` and beside it, as data."""

import re
import shlex
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"

Manifest = dict[str, Any]


def compose() -> Manifest:
    loaded: Manifest = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def kubernetes() -> list[Manifest]:
    """What the chart renders with its own values, as it stands in the checkout."""
    return [each for each in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()) if each]


def containers(kind: str) -> dict[str, Manifest]:
    """The only container of each workload of this kind, by the workload's name."""
    return {
        each["metadata"]["name"]: each["spec"]["template"]["spec"]["containers"][0]
        for each in kubernetes()
        if each["kind"] == kind
    }


def procfile() -> dict[str, list[str]]:
    lines = (line.partition(": ") for line in (ROOT / "Procfile").read_text().splitlines())
    return {name: shlex.split(command) for name, _, command in lines}


def queues_of(command: list[str]) -> list[str]:
    """Which queues a command serves."""
    return command[command.index("-Q") + 1].split(",") if "-Q" in command else []


def settings_read() -> set[str]:
    """Every name that the settings read from the environment."""
    found = re.findall(r'environ\.get\(\s*"([A-Z_]+)"', (ROOT / "shop" / "settings.py").read_text())
    return {*found, *re.findall(r'_per_queue\("([A-Z_]+)"', (ROOT / "shop" / "settings.py").read_text())}
