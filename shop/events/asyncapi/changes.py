"""What a new document breaks for those who listen by the old one, and for the events that the log has already."""

from collections.abc import Iterator, Mapping
from typing import Any

from shop.api.compatibility import Side, breaks

Document = Mapping[str, Any]


def broken(old: Document, new: Document) -> list[str]:
    """A sentence for each thing that breaks: an event that is gone, or of which there is less, or something else."""
    return [*_channels(old, new), *_messages(old, new)]


def _channels(old: Document, new: Document) -> Iterator[str]:
    now = {name: channel["address"] for name, channel in new["channels"].items()}
    for name, channel in old["channels"].items():
        if now.get(name) != channel["address"]:
            yield f"The channel {name} is no longer at {channel['address']}."


def _messages(old: Document, new: Document) -> Iterator[str]:
    now = new["components"]["messages"]
    for key, message in old["components"]["messages"].items():
        if key not in now:
            yield f"{message['title']}, is gone."
            continue
        for sentence in breaks(
            message["payload"], now[key]["payload"], Side.SENT | Side.TAKEN, old_root=old, new_root=new
        ):
            yield f"{message['title']}: {sentence}"
