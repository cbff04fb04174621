import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.runner import ports
from shop.runner.home import Refusal


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on until the test is over."""
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_refused_with_the_next_one_as_advice(taken: int) -> None:
    with pytest.raises(Refusal) as refusal:
        ports.check(taken)

    assert str(refusal.value) == f"Port {taken} is taken; choose another with PORT={taken + 1} make run."


def test_free_ports_are_free_different_and_never_an_outgoing_connections(taken: int) -> None:
    found = ports.free_ports(50)

    lowest_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert len(set(found)) == 50
    assert all(ports.is_free(port) for port in found)
    assert max(found) < lowest_outgoing


def test_a_port_answers_only_while_somebody_listens(taken: int) -> None:
    (free,) = ports.free_ports(1)

    assert (ports.answers(taken), ports.answers(free)) == (True, False)
