import subprocess
import sys
from collections.abc import Iterator

import pytest

from benchmarks import parts

# A supervisor with a child that lets a child of its own do the work, and buries it.
_WORK = "import time\nwhile time.process_time() < 0.4: pass"
_TELL = "print('done', flush=True)\ninput()"
_CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {_WORK!r}])\n{_TELL}"
_SUPERVISOR = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {_CHILD!r}])"


@pytest.fixture
def supervisor() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", _SUPERVISOR]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.communicate("go\n")


def test_cpu_of_who_has_ended_counts_for_the_part_that_it_belonged_to(supervisor: "subprocess.Popen[str]") -> None:
    before = parts.look(supervisor.pid, {})
    assert supervisor.stdout is not None
    supervisor.stdout.readline()

    spent = parts.between(before, parts.look(supervisor.pid, {}))

    worked = {part for part, seconds in spent.by_part.items() if seconds >= 0.4}
    assert len(worked) == 1
    assert parts.SUPERVISOR not in worked
    assert 0 <= spent.foreign <= 1


def test_memory_is_told_of_each_part(supervisor: "subprocess.Popen[str]") -> None:
    assert supervisor.stdout is not None
    supervisor.stdout.readline()

    kept = parts.memory(supervisor.pid)

    assert len(kept) == 2
    assert all(1 < mebibytes < 100 for mebibytes in kept.values())
