"""Ports on loopback."""

import errno
import random
import socket
from itertools import islice

from shop.runner.home import Refusal

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Free ports below the range that the kernel gives to outgoing connections.

    In that range a client that keeps trying to reach a stopped server may be given the server's own port, connect
    to itself, and so keep the server from coming back.
    """
    chance = random.SystemRandom()  # two processes with the same seed would be given the same ports
    candidates = chance.sample(range(20_000, 30_000), k=1000)
    return list(islice(filter(is_free, candidates), count))


def is_free(port: int) -> bool:
    try:
        _bind(port)
    except OSError:
        return False
    return True


def check(port: int) -> None:
    """Refuse a port that the web could not use."""
    try:
        _bind(port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(f"Port {port} is taken; choose another with PORT={port + 1} make run.") from error
        raise Refusal(f"Port {port} cannot be used: {error.strerror}.") from error


def answers(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def _bind(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
