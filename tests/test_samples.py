"""Golden samples: the data of every version of every event that was ever published is still understood.

`tests/samples/<event>.v<version>.json` is what stands in logs and in the stores of those who listen. A sample is added
with a new event or version, and never changed or removed again.
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
from shop.events.catalogue import data_example

SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.json")), ids=lambda sample: sample.stem)
def test_what_was_once_published_is_understood_and_nothing_of_it_is_lost(sample: Path) -> None:
    name, _, version = sample.stem.rpartition(".v")

    event = event_type(name, int(version)).decode(sample.read_bytes(), uuid7())

    assert [*_lost(json.loads(sample.read_bytes()), json.loads(event.encode()))] == []


@pytest.mark.parametrize("event", [kind.event for kind in kinds()], ids=lambda event: f"{event.name}.v{event.version}")
def test_every_event_has_a_sample(event: type[Event]) -> None:
    sample = SAMPLES / f"{event.name}.v{event.version}.json"

    wanted = msgspec.json.format(msgspec.json.encode(data_example(event))).decode()
    assert sample.exists(), f"add tests/samples/{sample.name} with an event as it will be told, such as\n{wanted}"


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
