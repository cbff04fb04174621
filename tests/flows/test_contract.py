"""The OpenAPI document against the running shop: schemathesis sends what it says, and what it says not to send.

No answer may be a server error, or one that the document does not tell of. SCHEMATHESIS_EXAMPLES is how many requests
are made up per operation and phase, SCHEMATHESIS_SEEDS which ones: any seed and number must find nothing.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from inventory.models import StockLevel
from shop.users.models import User
from tests.flows import programs
from tests.flows.programs import Web
from tests.keys import key_of
from tests.shopping import place

pytestmark = pytest.mark.django_db(transaction=True)

_EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "4")
_SEEDS = os.environ.get("SCHEMATHESIS_SEEDS", "1").split(",")
_PATIENCE = 3600 if "SCHEMATHESIS_EXAMPLES" in os.environ else 300  # seconds


@pytest.fixture(scope="module")
def url(django_db_setup: None, folder: Path) -> Iterator[str]:
    environment = programs.environment()
    web = Web(folder, environment)
    with programs.running(web), programs.workers(folder, environment):
        yield web.url


@pytest.mark.parametrize("seed", _SEEDS)
def test_no_request_finds_a_server_error_or_an_answer_that_is_not_documented(
    seed: str, url: str, mugs: StockLevel, tmp_path: Path
) -> None:
    grace = User.objects.create_user("grace@example.com", name="Grace", is_staff=True, is_superuser=True)
    secret, _ = key_of(grace)
    order = place(grace, {"MUG-BLUE": 1})
    connection.close()  # left idle for a minute, it would be ended by the server
    done = subprocess.run(
        [
            *(
                Path(sys.executable).with_name("schemathesis"),
                "--config-file",
                Path(__file__).with_name("contract.toml"),
            ),
            *("run", f"{url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {secret}", "--checks", "all"),
            *("--exclude-checks", "positive_data_acceptance"),  # no schema says which SKU is sold, or whose an order is
            *("--seed", seed, "--max-examples", _EXAMPLES, "--request-timeout", "20", "--no-color"),
        ],
        cwd=tmp_path,
        env=os.environ | {"ORDER_ID": str(order.pk), "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
