"""Lines of the log: what they tell, to whom, and what they keep to themselves."""

import io
import json
import logging
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from shop import logs
from shop.bus import Context, within

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OF_A_REQUEST = Context("request", "request", "user:1", TRACE)
OF_AN_EVENT = Context("request", "event", "key:2")


def line(message: str, *arguments: object, style: str = "json", facts: Any = None, error: Any = None) -> str:
    """What stands in the log after this was logged."""
    options = dict(logs.configuration(style=style, level="INFO", stream="stdout")["formatters"]["line"])
    formatter: logging.Formatter = options.pop("()")(**options)
    record = logging.LogRecord("shop.test", logging.INFO, __file__, 1, message, arguments, error)
    if facts is not None:
        record.facts = facts
    return formatter.format(record)


def told(message: str, *arguments: object, **options: Any) -> dict[str, Any]:
    """The same line, read by a program."""
    read: dict[str, Any] = json.loads(line(message, *arguments, **options))
    return read


def test_a_line_says_when_where_how_serious_and_what() -> None:
    read = told("sold %s of %s", 2, "MUG-BLUE", facts={"sku": "MUG-BLUE"})

    assert [*read][:4] == ["time", "level", "logger", "message"]
    assert read["time"].endswith("Z")
    assert (read["level"], read["logger"], read["message"]) == ("info", "shop.test", "sold 2 of MUG-BLUE")
    assert read["sku"] == "MUG-BLUE"


def test_outside_of_requests_and_handlers_a_line_names_none() -> None:
    assert told("alone").keys() == {"time", "level", "logger", "message", "pid"}


def test_in_a_request_a_line_names_it_who_acts_and_the_trace() -> None:
    with within(OF_A_REQUEST):
        read = told("asked")

    assert (read["request_id"], read["actor"]) == ("request", "user:1")
    assert (read["trace_id"], read["span_id"]) == ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    assert "event_id" not in read


def test_in_a_handler_a_line_names_the_event_too() -> None:
    with within(OF_AN_EVENT):
        read = told("heard")

    assert (read["request_id"], read["event_id"], read["actor"]) == ("request", "event", "key:2")
    assert "trace_id" not in read


def test_in_a_batch_a_line_names_all_it_is_about_but_not_endlessly() -> None:
    causes = {str(number): Context("request", f"event-{number}") for number in range(1000)}

    with within(causes["0"], causes):
        read = told("heard")

    assert read["request_ids"] == ["request"]
    assert read["event_ids"][:2] == ["event-0", "event-1"]
    assert len(read["event_ids"]) < 100


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("no account ada@example.com here", "no account *** here"),
        ("<ada.b+c@mail.example.co.uk>", "<***>"),
        ("Connected to redis://:pa55word@127.0.0.1:1/0", "Connected to redis://:***@127.0.0.1:1/0"),
        ("postgresql://shop:pa55word@[::1]/shop", "postgresql://shop:***@[::1]/shop"),
        ("Authorization: Bearer eyJhbGciOi.x-y_z", "Authorization: Bearer ***"),
        ("sk_live_0123456789abcdef is old", "sk_live_*** is old"),
        ("guest_0123456789abcdef", "guest_***"),
        ("refused\nDETAIL:  Failing row contains (Ada, 1 Main Street).\nHINT: x", "refused\nDETAIL:***\nHINT: x"),
        (repr(ValueError("x\nDETAIL:  Key (name)=(Ada)")), "ValueError('x\\nDETAIL:***"),
        ("payments.ask_gateway heard 1 event, orders@vm ready", "payments.ask_gateway heard 1 event, orders@vm ready"),
    ],
)
def test_what_looks_personal_or_secret_is_hidden_in_any_text(said: str, written: str) -> None:
    assert told(said)["message"] == written
    assert told("%s", said)["message"] == written
    assert told("x", facts={"said": [said]})["said"] == [written]


@pytest.mark.parametrize("part", ["a", "a.", "://a:", "sk_live_", "@", "a@a-"])
def test_a_long_text_keeps_nobody_waiting(part: str) -> None:
    long = f"{part * 100_000} @"

    assert told("%s", long)["message"]


def test_what_is_called_personal_is_hidden_however_deep() -> None:
    facts = {"email": "x", "order": {"shipping_address": {"city": "Berlin"}, "number": 7}, "people": [{"name": "Ada"}]}

    read = told("x", facts=facts)

    assert read["email"] == "***"
    assert read["order"] == {"shipping_address": "***", "number": 7}
    assert read["people"] == [{"name": "***"}]


def test_an_error_is_told_with_its_way_and_without_what_is_personal() -> None:
    try:
        int("ada@example.com")
    except ValueError:
        read = told("failed", error=sys.exc_info())

    assert read["exception"].startswith("Traceback")
    assert read["exception"].endswith("ValueError: invalid literal for int() with base 10: '***'")


@pytest.mark.parametrize("style", ["json", "text"])
@pytest.mark.parametrize("forged", ["x\ny", "x\r\n{}", "\x1b[2J", "\0", "\ud800", "\x9b31m"])
def test_nothing_that_was_said_makes_a_second_line_or_moves_the_cursor(style: str, forged: str) -> None:
    written = line("%s", forged, style=style)

    assert len(written.splitlines()) == 1
    assert not set(written) & {*"\x1b\r\0\x9b"}


def test_people_read_the_sentence_and_the_ids_to_follow_it_by() -> None:
    with within(OF_AN_EVENT):
        written = line("sold", style="text", facts={"sku": "MUG-BLUE"})

    assert written[8:] == " [info] sold [shop.test] request_id=request event_id=event"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "wanted", "environment", "style"),
    [
        (io.StringIO(), "", {}, "json"),
        (Terminal(), "", {}, "color"),
        (Terminal(), "", {"NO_COLOR": "1"}, "text"),
        (io.StringIO(), "text", {}, "text"),
        (Terminal(), "json", {}, "json"),
        (io.StringIO(), "nonsense", {}, "json"),
    ],
)
def test_programs_get_json_and_terminals_get_text_unless_told_otherwise(
    stream: io.StringIO,
    wanted: str,
    environment: Mapping[str, str],
    style: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert logs.style_for(stream, wanted) == style
