"""The wires between the stack and its servers, which can be slow, cut, mute or half open."""

import asyncio
import sys
from pathlib import Path
from typing import cast

from shop.runner.ports import LOOPBACK
from tests.chaos import wires
from tests.chaos.wires import Wire

_LOOK = 0.05  # seconds between looks at how the wire is to be


class Line:
    """One server behind one port, with all connections to it."""

    def __init__(self, folder: Path, name: str, port: int) -> None:
        self.wire = Wire()
        self.pairs: set[Pair] = set()
        self._folder, self._name, self.port = folder, name, port

    async def serve(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: Pair(self).near, LOOPBACK, port)
        while True:
            self._become(wires.laid(self._folder, self._name))
            await asyncio.sleep(_LOOK)

    def _become(self, wire: Wire) -> None:
        if wire == self.wire:
            return
        self.wire = wire
        for pair in list(self.pairs):
            pair.become(wire)


class Pair:
    """A connection of the stack's, and ours to the server."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.near, self.far = End(self), End(self)
        self.spoilt = False
        line.pairs.add(self)

    def become(self, wire: Wire) -> None:
        if self.spoilt or wire.state == "cut":  # once something was swallowed there is no way on
            self.end()
        elif wire.state == "half":
            self.spoilt = True
            self.near.abort()

    def opened(self, end: "End") -> None:
        if end is self.far:
            return
        if self.line.wire.state in {"cut", "half"}:
            self.end()
        elif self.line.wire.state == "mute":
            self.spoilt = True
        else:
            end.connecting = asyncio.ensure_future(self._connect())

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self.far, LOOPBACK, self.line.port)
        except OSError:
            self.end()

    def heard(self, end: "End", data: bytes) -> None:
        other = self.far if end is self.near else self.near
        match self.line.wire.state:
            case "mute" | "half":
                self.spoilt = True
            case "slow":
                asyncio.get_running_loop().call_later(self.line.wire.seconds, other.say, data)
            case _:
                other.say(data)

    def ended(self) -> None:
        """One side is gone; the other hears of it, unless nothing gets through."""
        if self.line.wire.state in {"mute", "half"}:
            self.spoilt = True
        else:
            self.end()

    def end(self) -> None:
        self.line.pairs.discard(self)
        self.near.abort()
        self.far.abort()


class End(asyncio.Protocol):
    """One side of a pair."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._over = False
        self.connecting: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self._over:
            self._transport.abort()
            return
        for data in self._early:
            self._transport.write(data)
        self._pair.opened(self)

    def data_received(self, data: bytes) -> None:
        self._pair.heard(self, data)

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport, self._over = None, True
        self._pair.ended()

    def say(self, data: bytes) -> None:
        if self._transport:
            self._transport.write(data)
        elif not self._over:
            self._early.append(data)

    def abort(self) -> None:
        self._over = True
        if self._transport:
            self._transport.abort()


async def main(folder: Path, pairs: list[str]) -> None:
    lines = []
    for name, pair in zip(wires.NAMES, pairs, strict=True):
        near, _, far = pair.partition(":")
        lines.append(Line(folder, name, int(far)).serve(int(near)))
    await asyncio.gather(*lines)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
