"""What stands in files between the chaos, its proxy and the stack: where the servers are, and how the wires are."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

NAMES = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
"""The wires, each with the name that its server goes by."""

State = Literal["whole", "slow", "cut", "mute", "half"]


@dataclass(frozen=True, slots=True)
class Wire:
    """How a wire is just now.

    `slow` holds everything back for some seconds; `cut` ends all connections and takes no more; `mute` swallows what
    is said, and ends nothing; `half` ends them for the stack, while the server believes that all is well.
    """

    state: State = "whole"
    seconds: float = 0.0


def tell_servers(folder: Path, urls: dict[str, str]) -> None:
    _write(folder / "servers.json", json.dumps(urls))


def servers(folder: Path) -> dict[str, str]:
    """Where the servers really are, past the proxies."""
    urls: dict[str, str] = json.loads((folder / "servers.json").read_text())
    return urls


def lay(folder: Path, name: str, wire: Wire) -> None:
    _write(folder / f"{name}.wire", json.dumps([wire.state, wire.seconds]))


def laid(folder: Path, name: str) -> Wire:
    try:
        return Wire(*json.loads((folder / f"{name}.wire").read_text()))
    except FileNotFoundError:
        return Wire()


def _write(file: Path, text: str) -> None:
    """It is there whole or not at all."""
    unfinished = file.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.replace(file)
