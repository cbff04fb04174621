"""Traces and reports are off unless a setting asks for them, and then cost nothing; what they need is named."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

_EXTRAS = {"opentelemetry.exporter", "sentry_sdk", "shop.operations.reports", "shop.operations.traces"}
_START = "import sys; {before}; import django; django.setup(); print({extras} & sys.modules.keys())"


def _start(before: str = "pass", **environment: str) -> subprocess.CompletedProcess[str]:
    """Set Django up as the web does."""
    return subprocess.run(
        [sys.executable, "-c", _START.format(before=before, extras=_EXTRAS)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "shop.settings", "SHOP_ROLE": "web"} | environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_their_settings_nothing_of_them_is_imported() -> None:
    assert _start().stdout == "set()\n"


@pytest.mark.parametrize(
    ("setting", "value", "module", "extra"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", "opentelemetry", "telemetry"),
        ("SENTRY_DSN", "http://key@127.0.0.1:1/1", "sentry_sdk", "sentry"),
    ],
)
def test_a_setting_without_its_extra_says_which_one_is_missing(
    setting: str, value: str, module: str, extra: str
) -> None:
    refused = _start(f"sys.modules['{module}'] = None", **{setting: value})

    assert refused.returncode == 1
    assert f"{setting} is set, and the extra `{extra}` is not installed" in refused.stderr
