"""Valkey dies, stands still, forgets, or takes nothing any more."""

import random
import signal
import time
from collections.abc import Iterator

import redis

from tests.chaos import trees
from tests.chaos.faults.fault import SHORT, fault
from tests.chaos.stage import Stage

_EMPTIED = range(20)


@fault("valkey")
def valkey_killed(stage: Stage, chance: random.Random) -> Iterator[None]:
    trees.kill(stage.processes("valkey"))
    yield


@fault("valkey", (1.0, 8.0))
def valkey_frozen(stage: Stage, chance: random.Random) -> Iterator[None]:
    frozen = stage.processes("valkey")
    trees.send(frozen, signal.SIGSTOP)
    yield
    trees.send(frozen, signal.SIGCONT)


@fault("valkey")
def valkey_emptied(stage: Stage, chance: random.Random) -> Iterator[None]:
    with stage.valkey() as valkey:
        for _ in _EMPTIED:
            valkey.flushall()
            time.sleep(0.05)
    yield


@fault("valkey")
def flags_deleted(stage: Stage, chance: random.Random) -> Iterator[None]:
    _delete(stage, "shop:bell:*")
    yield


@fault("valkey")
def queues_deleted(stage: Stage, chance: random.Random) -> Iterator[None]:
    _delete(stage, "orders*", "payments*", "inventory*", "notifications*", "unacked*")
    yield


@fault("valkey")
def bindings_deleted(stage: Stage, chance: random.Random) -> Iterator[None]:
    _delete(stage, "_kombu.binding.*")
    yield


@fault("valkey")
def clients_of_valkey_cut_off(stage: Stage, chance: random.Random) -> Iterator[None]:
    with stage.valkey() as valkey:
        valkey.client_kill_filter(_type="normal")
    yield


@fault("valkey", SHORT)
def valkey_read_only(stage: Stage, chance: random.Random) -> Iterator[None]:
    with stage.valkey() as valkey:
        valkey.replicaof("127.0.0.1", 1)
    yield
    with stage.valkey() as valkey:
        valkey.replicaof("NO", "ONE")


@fault("valkey", SHORT)
def valkey_wants_replicas(stage: Stage, chance: random.Random) -> Iterator[None]:
    yield from _set(stage, {"min-replicas-to-write": "1"}, {"min-replicas-to-write": "0"})


@fault("valkey", SHORT)
def valkey_out_of_memory(stage: Stage, chance: random.Random) -> Iterator[None]:
    yield from _set(stage, {"maxmemory-policy": "noeviction", "maxmemory": "1"}, {"maxmemory": "0"})


def _set(stage: Stage, bad: dict[str, str], good: dict[str, str]) -> Iterator[None]:
    with stage.valkey() as valkey:
        _configure(valkey, bad)
    yield
    with stage.valkey() as valkey:
        _configure(valkey, good)


def _configure(valkey: redis.Redis, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        valkey.config_set(name, value)


def _delete(stage: Stage, *patterns: str) -> None:
    """All that match, again and again for a moment: what is rung meanwhile goes too."""
    with stage.valkey() as valkey:
        for _ in _EMPTIED:
            names = [name for pattern in patterns for name in valkey.scan_iter(pattern)]
            if names:
                valkey.delete(*names)
            time.sleep(0.05)
