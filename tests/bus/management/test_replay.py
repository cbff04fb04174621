from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from shop.audit.models import Entry
from shop.bus import subscribe
from shop.bus.models import Delivery
from shop.bus.tasks import drain
from tests.bus.facts import LampLit, light

pytestmark = pytest.mark.django_db(transaction=True)

LATE = "test_replay.late"


def _replay(*arguments: str) -> str:
    said = StringIO()
    call_command("replay", *arguments, stdout=said)
    return said.getvalue()


def _late(**options: Any) -> None:
    @subscribe(LampLit, **options)
    def late(event: LampLit) -> None:
        """Too late to have heard of it."""


def test_a_dry_run_says_what_the_replay_then_does() -> None:
    light(1, 2)
    _late()

    foretold = _replay("--handler", LATE, "--missing", "--dry-run")
    assert not Delivery.objects.exists()
    done = _replay("--handler", LATE, "--missing")

    assert "2 events looked at" in foretold
    assert f"{LATE:45} 2 would be delivered, 0 done, 0 waiting, 0 dead letters" in foretold
    assert done == foretold.replace("would be delivered", "delivered")
    assert Delivery.objects.filter(handler=LATE).count() == 2
    entry = Entry.objects.get()
    assert (entry.command, entry.action) == ("replay", "events.replayed")
    assert entry.after == {"wanted": {"handlers": [LATE], "missing": True}, "delivered": {LATE: 2}}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--missing"],
        ["--key", "a", "--handler", "nobody.at_all"],
        ["--key", "a", "--handler", LATE, "--again"],
        ["--event", "one"],
        ["--since", "yesterday"],
    ],
)
def test_what_cannot_be_replayed_is_said_and_nothing_is_delivered(arguments: list[str]) -> None:
    light(1)
    _late()

    with pytest.raises(CommandError):
        _replay(*arguments)

    assert not Delivery.objects.exists()


def test_times_without_a_zone_are_utc() -> None:
    light(1)
    _late()

    assert "0 events" in _replay("--since", "2999-01-01T00:00")
    assert "1 events" in _replay("--since", "2020-01-01", "--dry-run")


def test_what_is_wanted_once_more_of_a_handler_that_does_not_allow_it_is_counted() -> None:
    _late()
    light(1, 2)
    drain.run("test_replay")

    said = _replay("--key", "a", "--again")

    assert f"{LATE:45} 0 delivered, 0 done, 0 waiting, 0 dead letters, 2 not repeatable" in said
