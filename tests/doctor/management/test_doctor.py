"""`manage.py doctor`: what it prints, and how it ends."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from inventory.models import StockLevel

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shop_that_is_well_is_told_line_by_line(mugs: StockLevel, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor")

    told = capsys.readouterr().out
    assert "ok      inventory: so many pieces are reserved as live reservations hold" in told
    assert told.splitlines()[-1].startswith("All ")
    assert "BROKEN" not in told


def test_who_breaks_a_rule_is_named_with_what_to_do(mugs: StockLevel, capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_stocklevel SET reserved = 3")

    with pytest.raises(CommandError, match=r"1 of \d+ do not hold"):
        call_command("doctor")

    told = capsys.readouterr().out
    assert "BROKEN  inventory: so many pieces are reserved as live reservations hold" in told
    assert "- MUG-BLUE, main, 3, 0" in told
    assert "What to do: Somebody changed levels" in told


@pytest.mark.parametrize("days", ["1e9", "nan", "-1e12"])
def test_a_time_that_cannot_be_looked_back_to_is_refused(days: str, db: None) -> None:
    with pytest.raises(CommandError, match="is not a time to look back"):
        call_command("doctor", f"--days={days}")
