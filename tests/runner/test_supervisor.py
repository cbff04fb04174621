"""The supervisor over real, small processes."""

import json
import os
import re
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from shop.runner.home import Refusal
from shop.runner.supervisor import Supervisor
from shop.runner.watch import Watched
from tests.processes import eventually
from tests.runner.conftest import Start, Started, is_alive
from tests.runner.small_stack import small_child

SLEEPER = "import os, time; print('pid', os.getpid()); time.sleep(600)"
POLITE = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(print('bye'))); print('up'); time.sleep(600)"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(600)"
PARENT = f"import subprocess; print('pid', subprocess.Popen(['sleep', '600']).pid); {SLEEPER}"


def small_stack(start: Start, *stages: list[tuple[str, str, float]], **environment: str) -> Started:
    return start("-m", "tests.runner.small_stack", json.dumps(stages), environment=environment)


def pids(stack: Started, count: int = 1) -> list[int]:
    """What the children of `SLEEPER` and `PARENT` told, oldest first."""
    told = re.compile(r"pid (\d+)\n")
    eventually(lambda: len(told.findall(stack.said)) >= count, f"{count} children have told their pids")
    return [int(pid) for pid in told.findall(stack.said)]


def test_a_crashed_child_is_started_again(start: Start) -> None:
    stack = small_stack(start, [("lamp", SLEEPER, 5)])
    (first,) = pids(stack)

    os.kill(first, signal.SIGKILL)

    second = pids(stack, 2)[1]
    assert second != first
    assert "lamp          | ended (signal 9); starting it again in 0.5 s" in stack.said


def test_a_child_that_keeps_crashing_waits_longer_each_time(start: Start) -> None:
    stack = small_stack(start, [("lamp", "raise SystemExit(3)", 5)])

    stack.until_it_says("in 2 s")

    assert re.findall(r"ended \(status 3\).* in (\S+) s", stack.said) == ["0.5", "1", "2"]


def test_a_child_that_ran_well_starts_from_the_shortest_wait_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    watched = Watched(small_child("lamp", ""))
    watched._crashes, watched._started = 5, 940.0

    watched.wait_longer()

    assert watched.due == 1000.5


def test_a_child_that_makes_no_progress_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shop.runner.watch._STALLED", 1.0)
    busy = "import pathlib, time\nwhile True: pathlib.Path('{file}').touch(); time.sleep(0.1)"
    files = [tmp_path / "busy", tmp_path / "stalled"]
    children = [small_child("busy", busy.format(file=files[0])), small_child("stalled", SLEEPER)]
    said = ""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    with Supervisor() as supervisor:
        supervisor.start(*(replace(child, progress=file) for child, file in zip(children, files, strict=True)))
        deadline = time.monotonic() + 30
        while said.count("pid") < 2 and time.monotonic() < deadline:
            supervisor.turn()
            said += capsys.readouterr().out
    for number, handler in before.items():
        signal.signal(number, handler)

    assert "makes no progress, so it is ended" in said
    assert "ended (signal 9); starting it again in 0.5 s" in said
    assert "busy" not in said


def test_stages_stop_in_reverse_order_and_the_exit_is_clean(start: Start) -> None:
    stack = small_stack(start, [("cellar", POLITE, 5)], [("roof", POLITE, 5)])
    eventually(lambda: stack.said.count("up") == 2, "both are up")

    status = stack.stop()

    assert status == 0
    assert [line.split()[0] for line in stack.said.splitlines() if "bye" in line] == ["roof", "cellar"]


def test_ctrl_c_reaches_the_supervisor_only(start: Start) -> None:
    stack = small_stack(start, [("lamp", POLITE, 5)])
    stack.until_it_says("up")

    os.killpg(stack.pid, signal.SIGINT)  # what a terminal does

    assert stack.process.wait(10) == 0
    assert "bye" in stack.said
    assert "KeyboardInterrupt" not in stack.said


def test_who_does_not_stop_is_killed_when_its_patience_is_over(start: Start) -> None:
    stack = small_stack(start, [("lamp", DEAF, 0.5)])
    stack.until_it_says("up")

    asked = time.monotonic()
    stack.stop()

    assert 0.5 < time.monotonic() - asked < 5


def test_what_a_killed_child_had_started_dies_with_it(start: Start) -> None:
    stack = small_stack(start, [("lamp", PARENT, 5)])
    grandchild, child = pids(stack, 2)

    os.kill(child, signal.SIGKILL)

    eventually(lambda: not is_alive(grandchild), "the grandchild is gone")


def test_a_killed_supervisor_takes_its_children_along(start: Start) -> None:
    stack = small_stack(start, [("lamp", SLEEPER, 5)], [("bell", SLEEPER, 5)])
    children = pids(stack, 2)

    stack.process.kill()

    eventually(lambda: not any(map(is_alive, children)), "the children are gone")


def test_every_line_is_passed_on_whole_with_the_name_of_who_said_it(start: Start) -> None:
    halves = "import time; print('first ha', end=''); time.sleep(0.3); print('lf'); print('last words', end='')"
    stack = small_stack(start, [("lamp", halves, 5)])

    stack.until_it_says("ended")

    assert stack.said.splitlines()[:2] == ["lamp          | first half", "lamp          | last words"]


def test_where_programs_read_every_line_is_json_and_names_who_said_it(start: Start) -> None:
    words = """print('plain "words"'); print('{"level": "error", "message": "broken"}')"""
    stack = small_stack(start, [("lamp", words, 5)], LOG_FORMAT="json")

    stack.until_it_says("ended")

    plain, own, ended = [json.loads(line) for line in stack.said.splitlines()[:3]]
    assert plain | {"time": ""} == {"process": "lamp", "time": "", "level": "info", "message": 'plain "words"'}
    assert own == {"process": "lamp", "level": "error", "message": "broken"}
    assert ended["message"].startswith("ended (status 0)")


def test_a_command_that_ends_well_tells_what_it_said() -> None:
    assert Supervisor().run(small_child("count", "print('one'); print('two')")) == ["one", "two"]


def test_a_command_that_fails_is_a_refusal_to_go_on() -> None:
    with pytest.raises(Refusal, match="count failed"):
        Supervisor().run(small_child("count", "raise SystemExit(1)"))
