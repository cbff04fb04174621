"""Ports on loopback."""

import random
import socket


def free_port() -> int:
    """A free port below the range that the kernel gives to outgoing connections.

    In that range a client that keeps trying to reach a stopped server may be given the server's own port, connect
    to itself, and so keep the server from coming back.
    """
    candidates = iter(lambda: random.randrange(20_000, 30_000), None)  # noqa: S311 - not a secret
    return next(port for port in candidates if is_free(port))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
