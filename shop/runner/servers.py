"""The embedded servers: started for what the environment does not name."""

import os
from collections.abc import Callable

from shop.runner import postgres, valkey
from shop.runner.home import Home, Refusal
from shop.runner.keys import Keys
from shop.runner.ports import answers, free_ports
from shop.runner.supervisor import Supervisor

_PATIENCE = 30.0  # seconds; a recovery after a crash included


def start(supervisor: Supervisor, home: Home, keys: Keys) -> dict[str, str]:
    """Start what DATABASE_URL and REDIS_URL do not name, and wait until it answers; the names that were made."""
    made: dict[str, str] = {}
    waiting: list[Callable[[], bool]] = []
    database_port, redis_port = free_ports(2)
    if "DATABASE_URL" not in os.environ:
        postgres.make_cluster(home, keys.postgres_password)
        supervisor.start(postgres.server(home, database_port))
        waiting.append(lambda: postgres.is_ready(home, database_port))
        made["DATABASE_URL"] = postgres.url(database_port, keys.postgres_password)
    if "REDIS_URL" not in os.environ:
        supervisor.start(valkey.server(home, redis_port, keys.valkey_password))
        waiting.append(lambda: answers(redis_port))
        made["REDIS_URL"] = valkey.url(redis_port, keys.valkey_password)
    if not supervisor.turn_until(lambda: all(answer() for answer in waiting), within=_PATIENCE):
        raise Refusal("The embedded servers do not answer; what they said is above.")
    return made
