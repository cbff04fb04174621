"""Golden samples: the data of every version of every event that was ever published is still understood.

`tests/samples/<event>.v<version>.json` is what stands in logs and in the stores of those who listen. A sample is added
with a new event or version, and never changed or removed again. A member that came later stands in another one, as
`<event>.v<version>-<what came>.json`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from uuid_utils.compat import uuid7

from shop.bus import Event
from shop.bus.event import event_type
from shop.bus.reading import kinds
from shop.bus.upcasters import brought_to
from shop.events.asyncapi import document
from shop.events.catalogue import data_example

SAMPLES = Path(__file__).parent / "samples"


EVENTS = [kind.event for kind in kinds()]
EVERY_SAMPLE = pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.json")), ids=lambda sample: sample.stem)
EVERY_EVENT = pytest.mark.parametrize("event", EVENTS, ids=lambda event: f"{event.name}.v{event.version}")


@EVERY_SAMPLE
def test_what_was_once_published_is_understood_and_nothing_of_it_is_lost(sample: Path) -> None:
    event = _understood(sample)

    assert [*_lost(json.loads(sample.read_bytes()), json.loads(event.encode()))] == []


@EVERY_SAMPLE
def test_what_was_once_published_can_be_told_as_the_newest_version_would_and_is_about_the_same(sample: Path) -> None:
    event = _understood(sample)
    newest = max((each for each in EVENTS if each.name == event.name), key=lambda each: each.version)

    now = brought_to(newest, event)

    assert type(now) is newest
    assert (now.subject, now.key) == (event.subject, event.key), "the log has it under these"


@EVERY_EVENT
def test_every_event_has_a_sample(event: type[Event]) -> None:
    sample = SAMPLES / f"{event.name}.v{event.version}.json"

    wanted = msgspec.json.format(msgspec.json.encode(data_example(event))).decode()
    assert sample.exists(), f"add tests/samples/{sample.name} with an event as it will be told, such as\n{wanted}"


def test_every_event_that_others_were_told_of_has_a_sample() -> None:
    committed = document.committed()["components"]["messages"]

    assert committed.keys() - {sample.stem for sample in SAMPLES.glob("*.json")} == set()


@EVERY_EVENT
def test_every_member_of_an_event_is_in_a_sample(event: type[Event]) -> None:
    """Or nothing would tell that it has gone, or is another."""
    told = [json.loads(sample.read_bytes()) for sample in SAMPLES.glob(f"{event.name}.v{event.version}*.json")]

    assert set(_members(data_example(event))) - {member for data in told for member in _members(data)} == set()


def _understood(sample: Path) -> Event:
    name, _, version = sample.stem.rpartition(".v")
    return event_type(name, int(version.partition("-")[0])).decode(sample.read_bytes(), uuid7())


def _members(data: Any, path: str = "data") -> Iterator[str]:
    """Every member of what was told that has a value, however deep."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _members(value, f"{path}.{name}")
    elif isinstance(data, list):
        for value in data:
            yield from _members(value, f"{path}[]")
    elif data is not None:
        yield path


def _lost(told: Any, understood: Any, path: str = "data") -> Iterator[str]:
    """Members of what was told that are not in what was understood."""
    if isinstance(told, dict):
        for name, value in told.items():
            if name not in understood:
                yield f"{path}.{name}"
            else:
                yield from _lost(value, understood[name], f"{path}.{name}")
    elif isinstance(told, list):
        assert len(told) == len(understood)
        for place, (value, other) in enumerate(zip(told, understood, strict=True)):
            yield from _lost(value, other, f"{path}[{place}]")
    elif told != understood:
        yield path
