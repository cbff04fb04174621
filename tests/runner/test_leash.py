"""The leash that stands in for the kernel's signal on other systems than Linux."""

import os
import subprocess
import sys

from shop.runner import leash


def on_a_leash(lifeline: int, source: str, orphaned: str = "SIGTERM") -> "subprocess.Popen[bytes]":
    command = [sys.executable, leash.__file__, str(lifeline), orphaned, sys.executable, "-c", source]
    return subprocess.Popen(command, pass_fds=[lifeline], stdout=subprocess.PIPE, start_new_session=True)


def test_a_command_ends_when_its_grandparent_is_gone() -> None:
    lifeline, held_by_grandparent = os.pipe()
    with on_a_leash(lifeline, "import time; print('up', flush=True); time.sleep(600)") as process:
        assert process.stdout
        process.stdout.readline()

        os.close(held_by_grandparent)

        assert process.wait(10) == 128 + 15
    os.close(lifeline)


def test_who_is_to_be_killed_is_killed_with_all_that_it_has_forked() -> None:
    lifeline, held_by_grandparent = os.pipe()
    forks = "import os, time; os.fork(); print('up', flush=True); time.sleep(600)"
    with on_a_leash(lifeline, forks, "SIGKILL") as process:
        assert process.stdout
        process.stdout.readline()

        os.close(held_by_grandparent)

        process.stdout.read()  # it ends with the last who could write to it
        assert process.wait(10) == -9
    os.close(lifeline)


def test_a_command_that_ends_by_itself_passes_its_status_on() -> None:
    lifeline, held_by_grandparent = os.pipe()

    with on_a_leash(lifeline, "raise SystemExit(7)") as process:
        assert process.wait(10) == 7

    os.close(lifeline)
    os.close(held_by_grandparent)
