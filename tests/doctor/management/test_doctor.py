"""`manage.py doctor`: what it prints, and how it ends."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from inventory.models import StockLevel
from payments.gateways import gateway
from shop.audit.models import Entry
from shop.bus.models import Delivery
from shop.users.models import User
from tests.payments.tempers import Away
from tests.shopping import place

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shop_that_is_well_is_told_line_by_line(mugs: StockLevel, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor")

    told = capsys.readouterr().out
    assert "ok      inventory: so many pieces are reserved as live reservations hold" in told
    assert told.splitlines()[-1].startswith("All ")
    assert "BROKEN" not in told


def test_who_breaks_a_rule_is_named_with_what_to_do(mugs: StockLevel, capsys: pytest.CaptureFixture[str]) -> None:
    _break_levels()

    with pytest.raises(CommandError, match=r"1 of \d+ do not hold"):
        call_command("doctor")

    told = capsys.readouterr().out
    assert "BROKEN  inventory: so many pieces are reserved as live reservations hold" in told
    assert "- sku MUG-BLUE, location main, reserved 3, held 0" in told
    assert "What to do: Somebody changed levels" in told


def test_machines_are_told_as_json(mugs: StockLevel, capsys: pytest.CaptureFixture[str]) -> None:
    _break_levels()

    with pytest.raises(CommandError, match=r"1 of \d+ do not hold"):
        call_command("doctor", "--json")

    told = json.loads(capsys.readouterr().out)
    (broken,) = (each for each in told if not each["holds"])
    assert (broken["app"], broken["not_asked"], broken["repair"]) == ("inventory", "", "")
    assert broken["broken"] == [{"sku": "MUG-BLUE", "location": "main", "reserved": 3, "held": 0}]
    assert {each["repair"] for each in told} > {"", "The hold is ended."}


def test_a_repair_says_what_it_mended_and_what_it_left(
    ada: User, mugs: StockLevel, capsys: pytest.CaptureFixture[str]
) -> None:
    order = place(ada, {"MUG-BLUE": 1})
    Delivery.objects.filter(handler="inventory.reserve_stock").delete()
    _break_levels()

    with pytest.raises(CommandError, match="1 would be mended, 1 left as they are"):
        call_command("doctor", "--repair", "--dry-run")
    would = capsys.readouterr().out
    with pytest.raises(CommandError, match="1 mended, 1 left as they are"):
        call_command("doctor", "--repair")

    told = capsys.readouterr().out
    assert f"number {order.number}, " in would
    assert "handler inventory.reserve_stock: would be mended\n" in would
    assert "handler inventory.reserve_stock: mended\n" in told
    assert "- sku MUG-BLUE, location main, reserved 3, held 0" in told
    assert "What to do: Somebody changed levels" in told


def test_a_plain_look_says_what_a_repair_would_do(
    ada: User, mugs: StockLevel, capsys: pytest.CaptureFixture[str]
) -> None:
    place(ada, {"MUG-BLUE": 1})
    Delivery.objects.filter(handler="inventory.reserve_stock").delete()

    with pytest.raises(CommandError):
        call_command("doctor")

    assert "With --repair: The delivery is written again" in capsys.readouterr().out
    assert not Entry.objects.exists()


def test_nothing_to_repair_is_well(mugs: StockLevel, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor", "--repair")

    assert capsys.readouterr().out.splitlines()[-1].startswith("0 mended, 0 left as they are.")


def test_a_dry_run_of_a_look_is_refused() -> None:
    with pytest.raises(CommandError, match="--dry-run goes with --repair"):
        call_command("doctor", "--dry-run")


def test_what_could_not_be_asked_is_said(
    mugs: StockLevel, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PAYMENT_GATEWAY = f"{Away.__module__}.{Away.__qualname__}"
    gateway.cache_clear()

    call_command("doctor")

    told = capsys.readouterr().out
    assert "unknown payments: the gateway's own book agrees, but for calls that are under way" in told
    assert "Not asked: the gateway was asked for its book: nobody picks up." in told
    assert "that could be asked hold" in told


@pytest.mark.parametrize("days", ["1e9", "nan", "-1e12"])
def test_a_time_that_cannot_be_looked_back_to_is_refused(days: str, db: None) -> None:
    with pytest.raises(CommandError, match="is not a time to look back"):
        call_command("doctor", f"--days={days}")


def _break_levels() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_stocklevel SET reserved = 3")
