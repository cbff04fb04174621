"""`manage.py events`: the whole map, for people and for pipes."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from io import StringIO

from django.conf import settings
from django.core.management import call_command

from shop.bus import subscribe
from shop.bus.event import events
from shop.bus.handlers import handlers
from tests.bus.facts import LampLit
from tests.bus.releases.new.tour import handlers as _subscribed  # noqa: F401 - an event of two versions

_OF_TESTS = ("/facts", "/stage", "/tour", "/test_upcasters")


def _map() -> dict[str, list[str]]:
    """The lines of each event, by its heading."""
    output = StringIO()
    call_command("events", stdout=output, no_color=True)
    blocks = re.split(r"^(?=\S)", output.getvalue(), flags=re.MULTILINE)[1:]
    lines = [block.splitlines() for block in blocks]
    return {heading: [line.strip() for line in rest] for heading, *rest in lines}


def test_every_event_is_printed_with_its_owner_and_its_meaning() -> None:
    blocks = _map()

    assert blocks.keys() == {f"{event.name} v{event.version}  from {event.source}" for event in events.values()}
    assert blocks["order.placed v1  from /orders"][0] == (
        "A customer has committed to buy; nothing is reserved or paid yet."
    )


def test_every_event_of_the_product_names_who_publishes_it() -> None:
    unpublished = [
        heading
        for heading, lines in _map().items()
        if not heading.endswith(_OF_TESTS) and not any(line.startswith(("<- ", "^^ ")) for line in lines)
    ]

    assert unpublished == []
    assert "<- orders.publish_order_placed" in _map()["order.placed v1  from /orders"]
    assert "<- payments.publish_attempt_opened" in _map()["payment.attempt_opened v1  from /payments"]


def test_every_handler_is_printed_below_its_event_once() -> None:
    printed = [line.split()[1] for lines in _map().values() for line in lines if line.startswith("-> ")]

    assert sorted(printed) == sorted(handlers)


def test_an_older_version_is_printed_with_what_brings_it_to_the_next() -> None:
    assert _map()["ticket.sold v1  from /tour"][1:] == ["^^ heard as v2, by prices_were_in_euros"]
    assert _map()["ticket.sold v2  from /tour"][1].startswith("-> tour.print_ticket")


def test_how_a_handler_hears_is_printed() -> None:
    @subscribe(LampLit, after=timedelta(minutes=5))
    def wave(event: LampLit) -> None: ...

    (line,) = [line for line in _map()["lamp.lit v1  from /facts"] if line.startswith("-> ")]
    assert line.split(maxsplit=2)[1:] == ["test_events.wave", "one by one, queue test_events, 0:05:00 later"]


def test_a_pipe_that_closes_early_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "manage.py", "events"],
        check=False,
        cwd=settings.BASE_DIR,
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=30,
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (0, b"")
