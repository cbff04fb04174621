"""The start-up hook, in processes of their own."""

import subprocess
import sys
import time
from pathlib import Path

from tests.runner.conftest import CHECKOUT, without_servers

_HOOK = Path(__file__).parent / "hook"
_AS_THE_ORDERS_WORKER = ("celery", "-n", "orders@here")
_CLOCKS = """
import time, uuid_utils.compat
from django.utils import timezone
print(time.time(), timezone.now().timestamp(), (uuid_utils.compat.uuid7().int >> 80) / 1000)
"""


def _said(code: str, *arguments: str, path: Path = _HOOK, **environment: str) -> str:
    told = without_servers() | {"PYTHONPATH": f"{_HOOK}:{path}", "SECRET_KEY": "known to everybody"}
    told |= {"DJANGO_SETTINGS_MODULE": "shop.settings"} | environment
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=CHECKOUT, env=told, check=True, capture_output=True, text=True).stdout


def test_the_clock_of_the_worker_that_is_named_is_off_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "orders").write_text("600")

    off = _said(_CLOCKS, *_AS_THE_ORDERS_WORKER, CHAOS_CLOCKS=str(tmp_path))
    right = _said(_CLOCKS, "celery", "-n", "payments@here", CHAOS_CLOCKS=str(tmp_path))

    assert all(550 < float(each) - time.time() < 610 for each in off.split())
    assert all(-50 < float(each) - time.time() < 10 for each in right.split())


def test_a_mutant_is_planted_once_django_is_set_up(tmp_path: Path) -> None:
    (tmp_path / "mutant.py").write_text(
        "def plant(patch):\n    from django.apps import apps\n    print('planted', apps.ready, type(patch).__name__)\n"
    )

    said = _said(
        "import django; print('before'); django.setup()",
        path=tmp_path,
        CHAOS_MUTANT="mutant:plant",
    )

    assert said.splitlines() == ["before", "planted True MonkeyPatch"]
