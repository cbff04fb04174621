"""Our own processes: every queue has its worker."""

from pathlib import Path

from shop.runner import processes
from tests.runner.conftest import Start

ASK_FOR_QUEUES = "import django; django.setup(); from shop.bus.handlers import queues; print(*queues())"


def served(environment: dict[str, str]) -> list[str]:
    commands = [worker.command for worker in processes.workers(Path.cwd(), environment)]
    return sorted(queue for command in commands for queue in str(command[command.index("-Q") + 1]).split(","))


def test_each_queue_that_a_handler_waits_in_is_served_by_one_worker(start: Start) -> None:
    asked = start("-c", ASK_FOR_QUEUES, environment={"DJANGO_SETTINGS_MODULE": "shop.settings", "SECRET_KEY": "any"})
    assert asked.process.wait(30) == 0, asked.said

    assert set(asked.said.split()) <= set(served({}))
    assert len(set(served({}))) == len(served({}))


def test_the_combined_worker_serves_the_same_queues() -> None:
    assert len(processes.workers(Path.cwd(), {"WORKERS": "combined"})) == 1
    assert served({"WORKERS": "combined"}) == served({})
