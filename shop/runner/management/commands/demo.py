"""`manage.py demo`: the whole stack in a throw-away folder, somebody who orders, and everything stopped."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shop.runner.demo import play
from shop.runner.home import home_of
from shop.runner.ports import free_ports
from shop.runner.visitor import DemoFailed

_START = 120.0  # seconds for the stack to answer
_MANAGE = (sys.executable, "manage.py")


class Command(BaseCommand):
    """Exits 0 only if all of it happened."""

    help = "Start everything in a throw-away folder, sign up, order, cancel, follow each order to its end, and stop."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--keep", action="store_true", help="keep the folder, to look at what it left")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops the demo stops its stack
        began = float(os.environ.get("SHOP_STARTED_AT", time.time()))
        folder = Path(tempfile.mkdtemp(prefix="shop-demo-"))
        try:
            with self._stack(folder) as url:
                play(url, self.stdout.write, partial(self._tell_the_time, began))
        except DemoFailed as error:
            raise CommandError(f"{error}\n\nThe stack's log:\n{_log_of(folder)[-6000:]}") from error
        finally:
            if not options["keep"]:
                home_of(settings.BASE_DIR, folder).discard()
        self.stdout.write(self.style.SUCCESS("\nAll of it happened. `make run` starts the shop to play with."))

    def _tell_the_time(self, began: float) -> None:
        self.stdout.write(f"{time.time() - began:8.1f} s from the command to the first order's end")

    @contextmanager
    def _stack(self, folder: Path) -> Iterator[str]:
        url = f"http://127.0.0.1:{(port := free_ports(1)[0])}"
        command = [*_MANAGE, "up", "--home", str(folder), "--port", str(port)]
        self.stdout.write(f"Starting PostgreSQL, Valkey, web and workers in {folder} ...")
        environment = os.environ | {"LOG_FORMAT": "text"}  # should it fail, somebody will read it
        with (folder / "log.txt").open("w") as log:
            stack = subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
            try:
                _wait_for(url, stack)
                yield url
            finally:
                stack.terminate()
                stack.wait(60)


def _wait_for(url: str, stack: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and stack.poll() is None:
        try:
            if httpx.get(f"{url}/dev/mailbox", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise DemoFailed("The stack did not come up.")


def _log_of(folder: Path) -> str:
    return (folder / "log.txt").read_text(errors="replace")
