"""`manage.py prune`: weeks that go, and what holds those that stay."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from shop.bus.models import Event as Logged
from tests.bus.conftest import Session
from tests.bus.test_retention import KEEP, OLD, OLDEST, _kept, _owe, old_weeks  # noqa: F401 - a fixture for all

pytestmark = pytest.mark.django_db(transaction=True)


def _prune(*arguments: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    call_command("prune", *arguments)
    return capsys.readouterr().out.splitlines()


def test_a_dry_run_says_what_then_goes(capsys: pytest.CaptureFixture[str]) -> None:
    foretold = _prune("--keep", str(KEEP), "--dry-run", capsys=capsys)
    assert _kept() == [1, 2, 3]
    done = _prune("--keep", str(KEEP), capsys=capsys)

    assert foretold == [f"{OLDEST}  would be dropped", f"{OLD}  would be dropped"]
    assert done == [f"{OLDEST}  dropped", f"{OLD}  dropped"]
    assert _kept() == [3]


def test_what_holds_a_week_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    _owe(OLD, due_at=datetime(2100, 1, 1, tzinfo=UTC))

    assert _prune("--keep", str(KEEP), capsys=capsys) == [
        f"{OLDEST}  dropped",
        f"{OLD}  stays: 1 deliveries to make, the last due 2100-01-01 00:00; 0 dead letters",
    ]


def test_weeks_in_use_are_said_and_the_exit_tells(somebody_else: Session) -> None:
    with somebody_else.transaction():
        somebody_else.execute("SELECT FROM bus_event LIMIT 1")

        with pytest.raises(CommandError, match=f"{OLDEST} and later are in use"):
            call_command("prune", "--keep", str(KEEP))

    call_command("prune", "--keep", str(KEEP))
    assert Logged.objects.count() == 1


def test_a_log_that_is_kept_for_ever_is_not_pruned(settings: Settings) -> None:
    with pytest.raises(CommandError, match="kept for ever"):
        call_command("prune")
