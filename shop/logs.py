"""Logs: one line each, as JSON for programs or as text for people, and nothing personal in either.

A line tells in a sentence what happened, and carries the ids to follow it by: of the request that began it, of the
event that is being handled, of the trace, and who acts. What else a program may want to know stands beside the sentence
as facts: `log.info("sold %s", sku, extra={"facts": {"sku": sku}})`; text leaves them out.
"""

import os
import re
import sys
from collections.abc import Sequence
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

Style = Literal["json", "text", "color"]

_PERSONAL = frozenset(
    {
        *("address", "authorization", "body", "city", "code", "cookie", "email", "headers", "line1", "line2", "name"),
        *("password", "phone", "postal_code", "query", "recipient", "secret", "session", "shipping_address", "token"),
    }
)
_HIDDEN = "***"

# E-mail addresses, passwords in addresses of servers, tokens, and what PostgreSQL quotes of a row that it refuses.
# Whoever sends us a long text decides what stands in it: no part of this looks at the same letters again and again.
_SECRETS = re.compile(
    r"(?P<before>://[^:/\s]{0,100}:)[^@\s]{1,200}(?=@)|(?P<kind>\b(?:sk_live|sk_test|guest)_|Bearer )[\w.~+/-]{8,}"
    r"|(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++|(?P<detail>DETAIL:).*"
)
_SIGNS = ("@", "sk_", "guest_", "Bearer ", "DETAIL:")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MOST_IDS = 20  # of a batch, in one line


def style_for(stream: TextIO, wanted: str = "") -> Style:
    """How to write to this stream: as wanted, or else for people if it is a terminal."""
    if wanted in {"json", "text", "color"}:
        return wanted  # type: ignore[return-value]  # one of the three
    if not stream.isatty():
        return "json"
    return "text" if os.environ.get("NO_COLOR") else "color"


def configuration(*, style: str, level: str, stream: Literal["stdout", "stderr"]) -> dict[str, Any]:
    """The LOGGING setting."""
    chosen = style_for(getattr(sys, stream), style)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _GATHERED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_written(chosen)],
            }
        },
        "handlers": {
            "line": {"class": "logging.StreamHandler", "stream": f"ext://sys.{stream}", "formatter": "line"},
        },
        "loggers": {name: {"level": quiet} for name, quiet in _QUIET.items()},
        "root": {"handlers": ["line"], "level": level},
    }


_QUIET = {
    "httpx": "WARNING",  # it tells of every request
    "celery.worker.strategy": "WARNING",  # and these of every bell
    "celery.app.trace": "WARNING",
    "django.request": "ERROR",  # the line of the request tells the rest
    "django.db.backends": "INFO",  # statements carry what people wrote
}


def _facts(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """What the caller put beside the sentence."""
    line.update(line.pop("facts", None) or {})
    return line


def _whence(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Which request or event this is about, who acts, and in which trace."""
    from shop.bus import at_work  # the settings are read before the bus can be

    contexts = at_work()
    if len(contexts) == 1:
        (context,) = contexts
        line["request_id"], line["actor"] = context.correlation, context.actor
        if context.causation != context.correlation:
            line["event_id"] = context.causation
        if context.traceparent:
            _, line["trace_id"], line["span_id"], _ = context.traceparent.split("-")
    elif contexts:
        line["request_ids"] = _several(context.correlation for context in contexts)
        line["event_ids"] = _several(context.causation for context in contexts)
        line["trace_ids"] = _several(context.traceparent[3:35] for context in contexts if context.traceparent)
    return line


def _several(ids: Any) -> Sequence[str]:  # of strings
    return list(dict.fromkeys(ids))[:_MOST_IDS]


def _process(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    line["pid"] = os.getpid()
    return line


def redact(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Hide what is personal or secret: by the name of a fact, and by its look in any text."""
    return {name: _redacted(name, value) for name, value in line.items()}


def _redacted(name: str, value: Any) -> Any:  # any fact
    if name in _PERSONAL:
        return _HIDDEN
    match value:
        case str():
            return _SECRETS.sub(_hide, value) if any(sign in value for sign in _SIGNS) else value
        case dict():
            return {inner: _redacted(str(inner), each) for inner, each in value.items()}
        case list() | tuple():
            return [_redacted("", each) for each in value]
        case _:
            return value


def _hide(found: re.Match[str]) -> str:
    return (found["before"] or found["kind"] or found["detail"] or "") + _HIDDEN


_GATHERED: list[Processor] = [
    structlog.stdlib.ExtraAdder(allow=["facts"]),
    _facts,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    _whence,
    _process,
    structlog.processors.format_exc_info,
    redact,
]


def _written(style: Style) -> list[Processor]:
    if style == "json":
        moment = structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")
        return [moment, _in_order, structlog.processors.JSONRenderer(default=str)]
    moment = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False, key="time")
    return [moment, _in_order, _for_people, structlog.dev.ConsoleRenderer(**_console(style))]


def _console(style: Style) -> dict[str, Any]:
    return {
        "colors": style == "color",
        "event_key": "message",
        "timestamp_key": "time",
        "pad_event_to": 0,
        "pad_level": False,
        "sort_keys": False,
    }


_FIRST = ("time", "level", "logger", "message")
_TOLD = {*_FIRST, "exception", "request_id", "event_id", "event_ids"}


def _in_order(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    line["message"] = line.pop("event")
    first: EventDict = {name: line[name] for name in _FIRST}
    first.update(line)
    return first


def _for_people(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """The sentence and the ids to follow it by; nothing in it moves the cursor or pretends to be another line."""
    told = {name: value for name, value in line.items() if name in _TOLD}
    told["message"] = _UNPRINTABLE.sub(lambda found: repr(found[0])[1:-1], str(told["message"]))
    return told
