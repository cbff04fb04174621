"""The examples in `docs/examples`, run as they stand against a real shop."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from inventory.models import StockLevel
from tests.flows import programs
from tests.flows.programs import Web

EXAMPLES = settings.BASE_DIR / "docs" / "examples"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def url(django_db_setup: None, django_db_blocker: object, folder: Path) -> Iterator[str]:
    environment = programs.environment()
    web = Web(folder, environment)
    with programs.running(web), programs.workers(folder, environment):
        yield web.url


_NOBODY_THERE = re.compile(r"npm error code (ENOTFOUND|EAI_AGAIN|ECONN\w+|E\w*TIMEDOUT|E\w+UNREACH)")


def _install(folder: Path) -> None:
    """What the example is built with; without a network it cannot be had."""
    command = ["npm", "ci", "--no-audit", "--no-fund", "--fetch-retries", "1", "--fetch-retry-mintimeout", "1000"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    if _NOBODY_THERE.search(done.stderr):
        pytest.skip("no registry can be reached from here: the example is not tried")
    assert done.returncode == 0, done.stderr


def _run(*command: str | Path, folder: Path = EXAMPLES, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_python_example_places_an_order_in_thirty_lines(url: str, ada_token: str, mugs: StockLevel) -> None:
    example = EXAMPLES / "place_order.py"

    said = _run(sys.executable, example, "MUG-BLUE", SHOP_URL=url, SHOP_API_KEY=ada_token)

    assert "is confirmed: 12.00 EUR" in said
    assert len(example.read_text().splitlines()) <= 30


@pytest.mark.skipif(not shutil.which("npm"), reason="Node.js is not installed here: its example is not tried")
def test_a_typescript_client_made_from_the_document_checks_and_places_an_order(
    url: str, ada_token: str, mugs: StockLevel, tmp_path: Path
) -> None:
    here = tmp_path / "docs" / "examples" / "typescript"
    shutil.copytree(EXAMPLES / "typescript", here, ignore=shutil.ignore_patterns("node_modules", "dist"))
    shutil.copy(settings.BASE_DIR / "docs" / "openapi.json", tmp_path / "docs")

    _install(here)
    _run("npm", "run", "--silent", "generate", folder=here)
    _run("npm", "run", "--silent", "check", folder=here)
    said = _run("npm", "start", "--silent", "MUG-BLUE", folder=here, SHOP_URL=url, SHOP_API_KEY=ada_token)

    assert "is confirmed: 12.00 EUR" in said
