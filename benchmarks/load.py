"""The load client: `python -m benchmarks.load` reads a plan from its input and writes what came of it, as JSON.

It is a process of its own that imports nothing of the shop's, so that its CPU can be told apart and stays small. Each
connection is kept open and has one request in the air at a time.
"""

import asyncio
import json
import re
import sys
import time
from dataclasses import asdict, dataclass, field
from itertools import count

_ID = re.compile(rb'"id":"([0-9a-f-]{36})"')
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_GRACE = 60.0  # seconds in which the last answers must come


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to ask, and how. Paths, bodies and tokens are gone through in turn, round and round."""

    port: int
    method: str
    paths: list[str]
    bodies: list[str] = field(default_factory=lambda: [""])
    tokens: list[str] = field(default_factory=lambda: [""])
    run: str = ""
    """What idempotency keys begin with: another one for each run."""
    connections: int
    seconds: float
    rate: float = 0.0
    """Requests a second, at fixed times whatever the answers do; 0 for as many as the connections can."""
    most: int = 0
    """After so many it is enough; 0 for no limit."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it. Latencies are in seconds, and count from the moment at which a request was to be sent."""

    began: float
    """By the clock of the machine, seconds since 1970."""
    seconds: float
    cpu: float
    latencies: list[float]
    statuses: dict[str, int]
    ids: list[str]
    """Of what was made."""


class Load:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.latencies: list[float] = []
        self.statuses: dict[str, int] = {}
        self.ids: list[str] = []
        self._numbers = count()
        self._began = 0.0

    async def run(self) -> Outcome:
        began, self._began = time.time(), time.perf_counter()
        await asyncio.gather(*(self._connection() for _ in range(self.plan.connections)))
        return Outcome(
            began=began,
            seconds=time.perf_counter() - self._began,
            cpu=time.process_time(),
            latencies=self.latencies,
            statuses=self.statuses,
            ids=self.ids,
        )

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.plan.port)
        while (due := await self._turn()) is not None:
            number, moment = due
            writer.write(self._request(number))
            status, body = await asyncio.wait_for(_answer(reader), _GRACE)
            self.latencies.append(time.perf_counter() - moment)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == "201" and (found := _ID.search(body)):
                self.ids.append(found[1].decode())
        writer.close()

    async def _turn(self) -> tuple[int, float] | None:
        """The next request's number, and the moment from which it counts; None if it is enough."""
        number = next(self._numbers)
        if self.plan.most and number >= self.plan.most:
            return None
        now = time.perf_counter()
        moment = self._began + number / self.plan.rate if self.plan.rate else now
        if moment > self._began + self.plan.seconds:
            return None
        if moment > now:
            await asyncio.sleep(moment - now)
        return number, moment

    def _request(self, number: int) -> bytes:
        plan = self.plan
        body = plan.bodies[number % len(plan.bodies)]
        lines = [f"{plan.method} {plan.paths[number % len(plan.paths)]} HTTP/1.1", "Host: 127.0.0.1"]
        if token := plan.tokens[number % len(plan.tokens)]:
            lines.append(f"Authorization: Bearer {token}")
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        if plan.method == "POST":
            lines.append(f"Idempotency-Key: {plan.run}-{number:08}")
        return "\r\n".join([*lines, "", body]).encode()


async def _answer(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if length is None:
        raise ValueError(f"this answer does not say how long it is: {head!r}")
    body = await reader.readexactly(int(length[1]))
    return head[9:12].decode(), body


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(Load(Plan(**json.load(sys.stdin))).run())), sys.stdout)
