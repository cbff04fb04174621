"""The programs of the shop as they are shipped, which a test may stop, kill, freeze and start again."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx
from django.conf import settings

from shop.runner import processes as shipped
from shop.runner.children import Child
from shop.runner.ports import free_ports
from tests import processes
from tests.processes import Worker, database_url, eventually

_ORPHANS = 1.0  # seconds that children may go on without their parent
_STOP = 20.0  # seconds to end
_PATIENCE = 60.0  # seconds to start, on a machine that has other things to do


class Program:
    """One program. It runs in a session of its own, so that killing it takes its children along."""

    def __init__(self, child: Child, log: Path) -> None:
        self.child = child
        self._log = log
        self._running: Worker | None = None

    @property
    def is_running(self) -> bool:
        return self._running is not None

    @property
    def process(self) -> Worker:
        assert self._running is not None, f"{self.child.name} is not running"
        return self._running

    def start(self) -> None:
        account = self.child.account
        with self._log.open("wb") as output:
            process = subprocess.Popen(
                [str(part) for part in self.child.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.child.folder,
                env=self.child.environment,
                start_new_session=True,
                user=account and account.pw_uid,
                group=account and account.pw_gid,
                extra_groups=[] if account else None,
            )
        self._running = Worker((self.child.name,), process, self._log)
        processes.running.append(self._running)

    def is_ready(self) -> bool:
        """A worker says so; nobody else is asked here."""
        assert self.process.process.poll() is None, f"{self.child.name} has ended: {self._log.read_text()[-2000:]}"
        return self.process.said(" ready.")

    def stop(self) -> None:
        """Ask it to end, as its supervisor would."""
        stop_all([self])

    def kill(self) -> None:
        """End it and its children at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.bury()

    def kill_main(self) -> None:
        """End its first process at once, and leave its children to themselves for a moment."""
        group = self.process.pid
        os.kill(group, signal.SIGKILL)
        self.bury()
        time.sleep(_ORPHANS)
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)

    def kill_child(self) -> None:
        """End one of its children at once."""
        os.kill(self.process.children[0], signal.SIGKILL)

    def freeze(self) -> None:
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def bury(self) -> None:
        """Wait until it has ended, and see to it if that takes too long."""
        ended = self.process
        try:
            ended.process.wait(_STOP)
        except subprocess.TimeoutExpired:
            ended.kill()
        processes.running.remove(ended)
        self._running = None


def environment(*, database: str = "", redis: str = "", **more: str) -> dict[str, str]:
    """What the shop is started with: the tests' own servers unless others are named, and little patience."""
    shop = {
        "DATABASE_URL": database or database_url(),
        "REDIS_URL": redis or settings.REDIS_URL,
        "SECRET_KEY": "known to everybody",
        "DEVELOPMENT": "1",
        "EMAIL_BACKEND": "notifications.channels.mailbox.MailboxBackend",
        "BUS_SWEEP_SECONDS": "0.5",
        "BUS_FIRST_WAIT": "0.1",
        "LOG_LEVEL": "INFO",
    }
    ours = {name: value for name, value in os.environ.items() if name != "SHOP_ROLE"}  # each program names itself
    return ours | shop | more


class Web(Program):
    """The web process, on a port that it keeps."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(shipped.web(settings.BASE_DIR, environment, port), folder / "web.log")

    def start(self) -> None:
        super().start()
        eventually(lambda: _answers(self.url), "the web answers", seconds=_PATIENCE)


@contextmanager
def running(*programs: Program) -> Iterator[None]:
    """Start these, and stop them in reverse order."""
    with ExitStack() as stack:
        for program in programs:
            stack.callback(program.stop)
            program.start()
        yield


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/nowhere", trust_env=False).status_code == 404
    except httpx.TransportError:
        return False


@contextmanager
def workers(folder: Path, environment: Mapping[str, str]) -> Iterator[dict[str, Program]]:
    """One worker per domain; or, with WORKERS=combined in the environment, one that does everything."""
    programs = {
        child.name: Program(_talkative(child), folder / f"{child.name}.log")
        for child in shipped.workers(settings.BASE_DIR, environment)
    }
    try:
        for program in programs.values():
            program.start()
        await_ready(programs.values())
        yield programs
    finally:
        stop_all(programs.values())


def stop_all(programs: Iterable[Program]) -> None:
    """Ask all that run to end, and wait for the last."""
    running = [program for program in programs if program.is_running]
    for program in running:
        program.process.process.send_signal(program.child.stop_with)
    for program in running:
        program.bury()


def _talkative(child: Child) -> Child:
    """A worker that says when it is ready."""
    return replace(child, command=(*child.command, "--loglevel", "INFO"))


def await_ready(programs: Iterable[Program]) -> None:
    eventually(lambda: all(program.is_ready() for program in programs), "the workers are ready", seconds=_PATIENCE)
