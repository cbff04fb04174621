"""`manage.py up` with proxies of ours between the stack and its servers: `tests.chaos.stack HOME PORT PARENT`."""

import ctypes
import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
from django.core.management import call_command

from shop.runner import servers
from shop.runner.children import Child
from shop.runner.home import Home
from shop.runner.keys import Keys
from shop.runner.ports import LOOPBACK, answers, free_ports
from shop.runner.supervisor import Supervisor
from tests.chaos import wires

_CHECKOUT = Path(__file__).resolve().parent.parent.parent
_PR_SET_PDEATHSIG = 1
_PATIENCE = 30.0  # seconds

_start_servers = servers.start


def main(folder: str, port: str, parent: str) -> None:
    _follow(int(parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()
    setattr(servers, "start", _start_behind_proxies)  # noqa: B010 - a function of a module is no attribute to mypy
    call_command("up", home=folder, port=int(port))


def _follow(parent: int) -> None:
    """Whatever ends the chaos ends its stack."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the kernel knew what to do
        sys.exit(1)


def _start_behind_proxies(supervisor: Supervisor, home: Home, keys: Keys) -> dict[str, str]:
    """The servers as ever, and what everybody is told of: the proxies before them."""
    made = _start_servers(supervisor, home, keys)
    ports = free_ports(len(wires.NAMES))
    pairs = [f"{port}:{urlsplit(made[name]).port}" for port, name in zip(ports, wires.NAMES.values(), strict=True)]
    wires.tell_servers(home.folder, made)
    supervisor.start(
        Child(
            name="proxy",
            command=(sys.executable, "-m", "tests.chaos.proxy", home.folder, *pairs),
            environment={**os.environ, "CHAOS_MUTANT": ""},
            folder=_CHECKOUT,
        )
    )
    supervisor.turn_until(lambda: all(map(answers, ports)), within=_PATIENCE)
    return made | {name: _at(made[name], port) for port, name in zip(ports, wires.NAMES.values(), strict=True)}


def _at(url: str, port: int) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{LOOPBACK}:{port}"))


if __name__ == "__main__":
    main(*sys.argv[1:])
