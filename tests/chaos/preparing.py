"""What a storm needs before it begins: people with tokens, and a few things that are scarce."""

import json
import random
import time
from uuid import uuid4

from tests.chaos.asking import Asking
from tests.chaos.stage import Stage, StageFailed
from tests.chaos.wishes import SCARCE, SCARCE_PIECES

_CUSTOMERS = 20
_PLENTY = 100_000  # what the demo has of each
_PATIENCE = 60.0  # seconds


def prepare(stage: Stage) -> tuple[list[str], str]:
    """Make customers and take most pieces of a few things off the shelf; the customers' tokens, and one of staff."""
    file = stage.folder / "tokens"
    _manage(stage, "seed", "--customers", str(_CUSTOMERS), "--tokens", str(file))
    staff = _manage(stage, "seed", "--token", "admin@example.com").splitlines()[-1]
    asking = Asking(stage.port, random.Random(0))  # noqa: S311 - it chooses how long to wait
    for sku in SCARCE:
        body = {"sku": sku, "delta": SCARCE_PIECES - _PLENTY, "reason": "A storm is coming."}
        until = time.monotonic() + _PATIENCE
        answer = asking.insist(
            "POST", "/api/v1/inventory/adjustments", json.dumps(body), token=staff, key=str(uuid4()), until=until
        )
        if answer.status != 201:
            raise StageFailed(f"{sku} could not be made scarce: {answer}")
    asking.close()
    return file.read_text().split(), staff


def _manage(stage: Stage, *command: str) -> str:
    done = stage.manage(*command)
    if done.returncode != 0:
        raise StageFailed(f"{' '.join(command)}: {done.stdout}")
    return done.stdout.strip()
