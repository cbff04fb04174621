"""Whatever ends a storm before its time, nothing of it goes on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shop.runner.home import home_of
from tests.chaos import trees
from tests.processes import eventually
from tests.runner.conftest import CHECKOUT, without_servers


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_when_the_storm_is_ended_its_whole_stack_ends(number: int, tmp_path: Path) -> None:
    environment = without_servers() | {"TMPDIR": str(tmp_path), "CHAOS_SECONDS": "1"}
    with (tmp_path / "said").open("wb") as said:
        storm = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos"],
            cwd=CHECKOUT,
            env=environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        eventually(lambda: _runs("valkey", storm.pid), "the stack is starting", seconds=60)
        everybody = trees.family(storm.pid)
        os.kill(storm.pid, number)
        storm.wait(60)
        eventually(lambda: not any(map(trees.is_alive, everybody)), "nobody is left", seconds=30)
    finally:
        trees.kill(trees.family(storm.pid))
        for folder in tmp_path.glob("shop-chaos-*"):
            home_of(CHECKOUT, folder / "home").discard()


def _runs(program: str, storm: int) -> bool:
    return any(program in word for pid in trees.family(storm) for word in trees.words(pid)[:1])
