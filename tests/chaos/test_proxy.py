"""The wires, with a server that repeats what it hears."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.runner.ports import LOOPBACK, answers, free_ports
from tests.chaos import wires
from tests.chaos.wires import Wire
from tests.processes import eventually
from tests.runner.conftest import CHECKOUT


class Echo:
    """Says what it hears, and notes whose connections have ended."""

    def __init__(self) -> None:
        self.listening = socket.create_server((LOOPBACK, 0))
        self.port: int = self.listening.getsockname()[1]
        self.ended = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._repeat, args=(connection,), daemon=True).start()

    def _repeat(self, connection: socket.socket) -> None:
        try:
            while heard := connection.recv(1024):
                connection.sendall(heard)
        except ConnectionError:
            pass
        connection.close()
        self.ended += 1


@pytest.fixture
def echo() -> Iterator[Echo]:
    echo = Echo()
    yield echo
    echo.listening.shutdown(socket.SHUT_RDWR)
    echo.listening.close()


@pytest.fixture
def port(tmp_path: Path, echo: Echo) -> Iterator[int]:
    """Where the wire to the echo begins; the other wire leads nowhere."""
    near, unused = free_ports(2)
    command = [sys.executable, "-m", "tests.chaos.proxy", str(tmp_path), f"{near}:{echo.port}", f"{unused}:{echo.port}"]
    process = subprocess.Popen(command, cwd=CHECKOUT)
    eventually(lambda: answers(near), "the proxy answers")
    eventually(lambda: echo.ended, "that look is over")
    echo.ended = 0
    yield near
    process.kill()
    process.wait()


@pytest.fixture
def client(port: int) -> Iterator[socket.socket]:
    with socket.create_connection((LOOPBACK, port), timeout=10) as client:
        assert _repeated(client, b"hello") == b"hello"
        yield client


def _repeated(client: socket.socket, words: bytes) -> bytes:
    client.sendall(words)
    return client.recv(1024)


def _has_ended(client: socket.socket) -> bool:
    try:
        return client.recv(1024) == b""
    except ConnectionError:
        return True


def _become(folder: Path, wire: Wire) -> None:
    """The proxy looks twenty times a second."""
    wires.lay(folder, "postgres", wire)
    time.sleep(0.5)


def test_a_slow_wire_takes_its_time_both_ways(tmp_path: Path, client: socket.socket) -> None:
    _become(tmp_path, Wire("slow", 0.2))
    began = time.monotonic()

    assert _repeated(client, b"again") == b"again"
    assert time.monotonic() - began >= 0.4


def test_a_cut_wire_ends_what_there_is_and_takes_nothing_new_until_it_is_whole(
    tmp_path: Path, port: int, client: socket.socket, echo: Echo
) -> None:
    _become(tmp_path, Wire("cut"))

    assert _has_ended(client)
    eventually(lambda: echo.ended, "the server hears of it")
    with socket.create_connection((LOOPBACK, port), timeout=10) as another:
        assert _has_ended(another)
    _become(tmp_path, Wire())
    with socket.create_connection((LOOPBACK, port), timeout=10) as another:
        assert _repeated(another, b"back") == b"back"


def test_a_mute_wire_swallows_what_is_said_and_ends_only_when_it_is_whole_again(
    tmp_path: Path, client: socket.socket
) -> None:
    _become(tmp_path, Wire("mute"))
    client.settimeout(0.5)

    with pytest.raises(TimeoutError):
        _repeated(client, b"anybody?")
    client.settimeout(10)
    _become(tmp_path, Wire())
    assert _has_ended(client)


def test_a_wire_that_is_half_open_ends_for_the_client_while_the_server_believes_that_all_is_well(
    tmp_path: Path, client: socket.socket, echo: Echo
) -> None:
    _become(tmp_path, Wire("half"))

    assert _has_ended(client)
    time.sleep(0.5)
    assert echo.ended == 0
    _become(tmp_path, Wire())
    eventually(lambda: echo.ended, "the server hears of it at last")
