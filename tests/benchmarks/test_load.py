import asyncio
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from benchmarks.load import Load, Plan

_HICCUP = 0.5  # seconds


class Shop(ThreadingHTTPServer):
    """It answers at once, but for one request that holds everybody up."""

    daemon_threads = True
    asked = 0
    keys: set[str]


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet: else the kernel waits before it sends the second
    server: Shop

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        self.server.keys.add(self.headers["Idempotency-Key"])
        if self.server.asked == 5:
            time.sleep(_HICCUP)
        body = b'{"id":"019ab3c2-4f0e-7d3b-9a52-1f6f0c9c6f10"}'
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """A test reads no log."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop(("127.0.0.1", 0), Answers) as server:
        server.keys = set()
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_at_a_fixed_rate_all_wait_whose_time_had_come_while_the_shop_stood_still(shop: Shop) -> None:
    outcome = asyncio.run(Load(_plan(shop, rate=50.0)).run())

    held_up = [wait for wait in outcome.latencies if wait > _HICCUP / 5]
    assert len(outcome.latencies) >= 45
    assert len(held_up) > 0.6 * 50 * _HICCUP  # not only the one request that the shop was slow to answer
    assert max(held_up) == pytest.approx(_HICCUP, abs=0.2)


def test_without_a_rate_the_next_is_sent_when_the_last_was_answered(shop: Shop) -> None:
    outcome = asyncio.run(Load(_plan(shop, most=20)).run())

    assert len([wait for wait in outcome.latencies if wait > _HICCUP / 5]) == 1
    assert (outcome.statuses, len(outcome.ids), len(shop.keys)) == ({"201": 20}, 20, 20)


def _plan(shop: Shop, *, rate: float = 0.0, most: int = 0) -> Plan:
    return Plan(
        port=shop.server_port,
        method="POST",
        paths=["/orders"],
        bodies=["{}"],
        run="run",
        connections=1,
        seconds=1.0,
        rate=rate,
        most=most,
    )
